import { PARTITIONS, type SealedEvents, type SealedStoredEvent } from '#libs/bus';
import { catalogue } from '#libs/contracts';
import { type Database, migrate, type Queryable } from '#libs/database';
import { ledgerMigrations } from '#libs/ledger';
import { type AccountRecord, findAccount } from '../accounts/accounts.queries.js';
import { PROJECTIONS } from '../projections.js';
import { readModelMigrations } from '../read-model.migrations.js';
import { readPosition } from '../read-position.js';
import { inPartition, partitionBatch } from './partitioned-log.fixture.js';
import { ProjectionRunner, type ProjectionRunnerOptions } from './projection-runner.js';
import type { Stop } from './understanding.js';

/** A role that nobody has to hold. */
export const FREE = { guard: async () => {} };

/** Every partition. */
export const ALL = [...Array(PARTITIONS).keys()];

const LATER = '2026-04-01T00:00:00.000Z';
const PATIENCE_MS = 10_000;
const TABLES = PROJECTIONS.flatMap(({ tables }) => tables.map(({ name }) => name));

interface Someone {
  readonly tenant: string;
  readonly account: string;
}

/** What an empty read model is tested with. */
export interface ReadModelOptions extends Pick<ProjectionRunnerOptions, 'store' | 'reader'> {
  /** Opens an empty database. */
  readonly open: () => Promise<{ readonly database: Database; drop(): Promise<void> }>;
  /** The whole log. */
  readonly events: readonly SealedStoredEvent[];
}

/** An empty read model before each test, and what to do with it. */
export interface ReadModelUnderTest {
  readonly database: Database;
  runnerOf(sealedEvents: SealedEvents, over?: Partial<ProjectionRunnerOptions>): ProjectionRunner;
  /** A runner that is handed its batches. */
  taker(over?: Partial<ProjectionRunnerOptions>): ProjectionRunner;
  /** Takes a log in, partition by partition. */
  takeAll(some?: readonly SealedStoredEvent[], runner?: ProjectionRunner): Promise<void>;
  /** Every row there is. */
  contents(): Promise<string[]>;
  /** Removes what was projected, parked and held. */
  empty(): Promise<void>;
  accountOf(who: Someone): Promise<AccountRecord | null>;
  position(): Promise<number>;
  /** Runs until the read model has come to the end or a runner has stopped, at most ten seconds. */
  run(...runners: readonly ProjectionRunner[]): Promise<(Stop | null)[]>;
}

/** Opens one for the tests of the present suite. */
export function readModelUnderTest({ open, events, store, reader }: ReadModelOptions): ReadModelUnderTest {
  let test: Awaited<ReturnType<typeof open>>;
  const end = events.length - 1;
  beforeAll(async () => {
    test = await open();
    await migrate(test.database, [...ledgerMigrations, ...readModelMigrations]);
    await seal(test.database, events);
  });
  afterAll(() => test?.drop());
  const model: ReadModelUnderTest = {
    get database() {
      return test.database;
    },
    runnerOf: (sealedEvents, over = {}) =>
      new ProjectionRunner({
        database: test.database,
        sealedEvents,
        store,
        reader,
        catalogue,
        projections: PROJECTIONS,
        ...over,
      }),
    taker: (over = {}) => model.runnerOf({ shared: true, follow: async () => {} }, over),
    takeAll: async (some = events, runner = model.taker()) => {
      for (const partition of ALL)
        await runner.take(partitionBatch(partition, inPartition(some, partition), end), FREE);
    },
    contents: () => rowsOf(test.database),
    empty: () => emptyReadModel(test.database),
    accountOf: (who) => findAccount(test.database, { tenant: who.tenant, account: who.account, now: LATER }),
    position: async () => (await readPosition(test.database)).position,
    run: (...runners) => runToEnd(model, runners, end),
  };
  beforeEach(() => model.empty());
  return model;
}

/** Writes a log down as sealed, without its hashes. */
export async function seal(database: Queryable, events: readonly SealedStoredEvent[]): Promise<void> {
  const rows = events.map(({ id, tenantPosition, storePosition, sealedAt, ...event }) => ({
    ...event,
    event_id: id,
    tenant_position: tenantPosition,
    store_position: storePosition,
    sealed_at: sealedAt,
    hash: `\\x${'00'.repeat(32)}`,
  }));
  await database.query(
    'insert into ledger.sealed_log select * from jsonb_populate_recordset(null::ledger.sealed_log, $1)',
    [JSON.stringify(rows)],
  );
}

/** Every row of every table. */
export async function rowsOf(database: Database): Promise<string[]> {
  const rows: string[] = [];
  for (const name of TABLES) {
    const result = await database.query<{ row: object }>(`select to_jsonb(t) as row from ${name} t`);
    rows.push(...result.rows.map(({ row }) => `${name} ${JSON.stringify(row)}`).sort());
  }
  return rows;
}

/** Removes what was projected, parked and held. */
export async function emptyReadModel(database: Database): Promise<void> {
  await database.query(`truncate ${TABLES.join(', ')}, read_model.checkpoints, read_model.parked, read_model.holds`);
  await database.query(`update read_model.places set position = -1, store_position = -1, bookmark = null`);
}

/** Looks again until the condition holds. @throws when it does not in time */
export async function eventually(condition: () => Promise<boolean>, patienceMs = PATIENCE_MS): Promise<void> {
  for (const deadline = performance.now() + patienceMs; !(await condition()); )
    if (performance.now() > deadline) throw new Error(`It did not happen within ${patienceMs} ms.`);
}

async function runToEnd(
  model: ReadModelUnderTest,
  runners: readonly ProjectionRunner[],
  end: number,
): Promise<(Stop | null)[]> {
  const ended = new AbortController();
  let stopped = false;
  const running = runners.map(async (runner) => {
    const stop = await runner.run(FREE, ended.signal);
    stopped ||= stop !== null;
    return stop;
  });
  try {
    await eventually(async () => stopped || (await model.position()) === end);
  } finally {
    ended.abort();
  }
  return Promise.all(running);
}
