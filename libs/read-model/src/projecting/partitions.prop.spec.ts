import * as fc from 'fast-check';
import type { QueryConfig } from 'pg';
import { PARTITIONS, partitionOf, type SealedBatch, type SealedStoredEvent } from '#libs/bus';
import { catalogue } from '#libs/contracts';
import { type Database, migrate, type Queryable } from '#libs/database';
import type { SealedEvent } from '#libs/kernel';
import {
  ada,
  batchOf,
  clearReader,
  historyOf,
  onEveryDatabase,
  profileUpdated,
  provisioned,
  randomGovernance,
  randomHistory,
  storedInClear,
  storeOf,
  type TestDatabase,
} from '#libs/testing';
import { PROJECTIONS } from '../projections.js';
import { readModelMigrations } from '../read-model.migrations.js';
import { readPosition } from '../read-position.js';
import { inPartition, partitionBatch } from './partitioned-log.fixture.js';
import { ProjectionRunner } from './projection-runner.js';

/**
 * The tables are a fold of the log in order, however it is cut: random batches, random orders among the partitions, batches that come again,
 * partitions that change hands in the middle of a batch, and a carrier that brings partitions at one time and the whole at another.
 */

const RUNS = { numRuns: 20, interruptAfterTimeLimit: 45_000 };
const FREE = { guard: async () => {} };
const TABLES = PROJECTIONS.flatMap(({ tables }) => tables.map(({ name }) => name));

jest.setTimeout(90_000);

/** One thing that a carrier does. */
interface Step {
  readonly partition: number;
  /** How many events that were brought before come again. */
  readonly again: number;
  readonly count: number;
  /** What happens to the batch: it is taken; or another reader gets the partition while it is taken; or it comes in the whole log. */
  readonly how: 'take' | 'changeHands' | 'whole' | 'restart';
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    partition: fc.nat(PARTITIONS - 1),
    again: fc.nat(3),
    count: fc.integer({ min: 1, max: 6 }),
    how: fc.constantFrom('take', 'take', 'changeHands', 'whole', 'restart'),
  }),
  { minLength: 8, maxLength: 24 },
);

/** Brings a history to readers, step by step; two steps at the same time. */
class Carrier {
  readonly #brought = new Array<number>(PARTITIONS).fill(0);

  constructor(
    private readonly events: readonly SealedStoredEvent[],
    private readonly newReader: () => Pick<ProjectionRunner, 'take'>,
    private readonly database: Database,
  ) {}

  async bring(plan: readonly Step[]): Promise<void> {
    let readers = [this.newReader(), this.newReader()] as const;
    for (let at = 0; at < plan.length; at += 2) {
      const [one, other] = plan.slice(at, at + 2).map((step, index) => () => this.#step(step, readers, index));
      const first = one?.();
      if (plan[at]?.partition === plan[at + 1]?.partition) await first; // a partition brings one batch at a time
      await Promise.all([first, other?.()]);
      if (plan[at]?.how === 'restart') readers = [this.newReader(), this.newReader()];
    }
    const all = Array.from({ length: PARTITIONS }, (_, partition) => partition);
    await Promise.all(all.map((partition) => readers[partition % 2]?.take(this.#next(partition, 0, 1_000), FREE)));
  }

  async #step(
    { how, partition, again, count }: Step,
    readers: readonly Pick<ProjectionRunner, 'take'>[],
    index: number,
  ) {
    const [one, other] = index === 0 ? readers : [...readers].reverse();
    if (how === 'whole') return one?.take(await this.#nextOfAll(again, count), FREE);
    const before = this.#brought[partition] as number;
    const batch = this.#next(partition, again, count);
    if (how !== 'changeHands') return one?.take(batch, FREE);
    this.#brought[partition] = before; // the new owner asks where to go on before the old one is done
    const longer = this.#next(partition, again + 1, count + 2);
    const late = again > 1 ? [] : [one?.take(batch, FREE)]; // the old owner may end after the new one
    await Promise.all([...late, other?.take(longer, FREE), ...(late.length === 0 ? [one?.take(batch, FREE)] : [])]);
  }

  #next(partition: number, again: number, count: number): SealedBatch {
    const own = inPartition(this.events, partition);
    const brought = this.#brought[partition] as number;
    const until = Math.min(own.length, brought + count);
    this.#brought[partition] = until;
    const nothingBefore = own[until]?.position ?? this.events.length;
    return partitionBatch(partition, own.slice(Math.max(0, brought - again), until), nothingBefore - 1);
  }

  async #nextOfAll(again: number, count: number): Promise<SealedBatch> {
    const { position } = await readPosition(this.database);
    const from = Math.max(0, position + 1 - again);
    return batchOf(this.events.slice(from, position + 1 + count), Math.min(position + count, this.events.length - 1));
  }
}

onEveryDatabase((open) => {
  let test: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    test = await open();
    database = test.database;
    await migrate(database, readModelMigrations);
  });
  afterAll(() => test?.drop());

  async function empty(): Promise<void> {
    await database.query(`truncate ${TABLES.join(', ')}, read_model.checkpoints, read_model.parked`);
    await database.query(`update read_model.places set position = -1, store_position = -1, bookmark = null`);
  }

  const readerOf =
    (events: readonly SealedStoredEvent[], over: Pick<Database, 'query' | 'transaction'> = database) =>
    () =>
      new ProjectionRunner({
        database: over,
        sealedEvents: { shared: true, follow: async () => {} },
        store: storeOf(events),
        reader: clearReader,
        catalogue,
        projections: PROJECTIONS,
      });

  async function contents(): Promise<string[]> {
    const rows: string[] = [];
    for (const name of TABLES) {
      const result = await database.query<{ row: object }>(`select to_jsonb(t) as row from ${name} t`);
      rows.push(...result.rows.map(({ row }) => `${name} ${JSON.stringify(row)}`).sort());
    }
    return rows;
  }

  async function inOrder(events: readonly SealedStoredEvent[]): Promise<string[]> {
    await empty();
    await readerOf(events)().take(batchOf(events), FREE);
    return contents();
  }

  it('is the same however the log is cut, brought and brought again', () =>
    fc.assert(
      fc.asyncProperty(fc.oneof(randomHistory, randomGovernance), steps, async (history, plan) => {
        const events = storedInClear(history);
        const told = await inOrder(events);
        await empty();
        await new Carrier(events, readerOf(events), database).bring(plan);
        expect(await contents()).toEqual(told);
        const { rows } = await database.query('select * from read_model.parked');
        expect(rows).toEqual([]);
        expect((await readPosition(database)).position).toBe(events.length - 1);
      }),
      RUNS,
    ));

  it('never says that it has come further than it has', () =>
    fc.assert(
      fc.asyncProperty(randomHistory, steps, async (history, plan) => {
        const events = storedInClear(history);
        await empty();
        const carrier = new Carrier(events, readerOf(events), database);
        await carrier.bring(plan.slice(0, 6)).catch(() => {});
        const { position } = await readPosition(database);
        const { rows } = await database.query<{ position: number }>(
          'select position from read_model.events_v1 where position <= $1 order by position',
          [position],
        );
        expect(rows).toHaveLength(position + 1);
      }),
      RUNS,
    ));

  /** Counts how many of these histories end in other rows than a fold of the log. */
  async function wrongWith(
    samples: readonly (readonly [readonly SealedEvent[], readonly Step[]])[],
    broken: (events: readonly SealedStoredEvent[]) => () => Pick<ProjectionRunner, 'take'>,
  ): Promise<number> {
    let wrong = 0;
    for (const [history, plan] of samples) {
      const events = storedInClear(history);
      const told = await inOrder(events);
      await empty();
      await new Carrier(events, broken(events), database).bring(plan).catch(() => {});
      if ((await contents()).join() !== told.join()) wrong += 1;
    }
    return wrong;
  }

  it('would be caught if checkpoint and rows were committed apart', async () => {
    // negative control: the third transaction dies between the two commits, and is begun anew
    const samples = fc.sample(fc.tuple(randomHistory, steps), { numRuns: 12, seed: 11 });
    const apart = (events: readonly SealedStoredEvent[]) => retrying(readerOf(events, committingApart(database)));
    expect(await wrongWith(samples, apart)).toBeGreaterThan(0);
  });

  it('would be caught if it took again what it has seen', async () => {
    // negative control: neither checkpoints nor rows remember what they have seen
    const titles = Array.from({ length: 12 }, (_, n) => profileUpdated(ada, { title: `Title ${n}` }));
    const history = historyOf(provisioned(ada), ...titles);
    const partition = partitionOf(history[0]?.stream ?? '');
    const plan: Step[] = [{ partition, again: 2, count: history.length - 2, how: 'changeHands' }];
    const remembering = (events: readonly SealedStoredEvent[]) => readerOf(events);
    // who of the two comes first is chance, so it is tried several times
    const tries = Array.from({ length: 6 }, () => [history, plan] as [typeof history, Step[]]);
    expect(await wrongWith(tries, remembering)).toBe(0);
    expect(await wrongWith(tries, (events) => readerOf(events, forgetful(database)))).toBeGreaterThan(0);
  });
});

type Over = Pick<Database, 'query' | 'transaction'>;

const WRITES = /^(write|remove):|^read_model\.park$/;

/** Commits the checkpoint first and the rows after it, and dies between the two once. */
function committingApart(database: Database): Over {
  let transactions = 0;
  return {
    query: database.query,
    transaction: async (work) => {
      const writes: unknown[] = [];
      const result = await database.transaction((client) => work(setAside(client, writes) as never));
      transactions += 1;
      if (transactions === 3) throw new Error('The process was killed.');
      await database.transaction(async (client) => {
        for (const statement of writes) await client.query(statement as never);
      });
      return result;
    },
  };
}

/** Begins anew after a crash, from what is in the database: what the checkpoint says is done is not brought again. */
const retrying = (newReader: () => Pick<ProjectionRunner, 'take'>) => () => {
  const reader = newReader();
  return {
    take: async (batch: SealedBatch, lease: typeof FREE) => {
      try {
        return await reader.take(batch, lease);
      } catch {
        return await reader.take(batch, lease);
      }
    },
  };
};

function setAside(client: Queryable, writes: unknown[]): Queryable {
  return {
    query: async (statement: never) => {
      const { name = '' } = statement as { name?: string };
      if (!WRITES.test(name)) return client.query(statement);
      writes.push(statement);
      return { rows: [] } as never;
    },
  };
}

/** Answers as if nothing had been seen: no checkpoints, and rows from before everything. */
function forgetful(database: Database): Over {
  return {
    query: database.query,
    transaction: (work) =>
      database.transaction((client) =>
        work({
          query: async (statement: { name?: string }) => {
            const { name = '' } = statement;
            if (name === 'read_model.standing') return { rows: [] };
            const result = await client.query<Record<string, never>>(statement as QueryConfig);
            if (!name.startsWith('heads:')) return result;
            const rows = result.rows.map((row) => ('position' in row ? { ...row, position: -1 } : row));
            return { ...result, rows };
          },
        } as never),
      ),
  };
}
