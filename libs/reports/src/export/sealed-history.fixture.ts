import { EVERY_PARTITION, type SealedStoredEvent } from '#libs/bus';
import { catalogue } from '#libs/contracts';
import { type Database, migrate } from '#libs/database';
import type { EventStore } from '#libs/event-store';
import { type Json, parseStreamName, type SealedEvent } from '#libs/kernel';
import { canonicalHash, ledgerMigrations } from '#libs/ledger';
import { type EventReader, PROJECTIONS, ProjectionRunner, readModelMigrations } from '#libs/read-model';
import type { ReportSource } from '../report-kind.js';

/** What a sealed history is made of; from the testing library, which fixtures may not import. */
export interface SealedHistoryParts {
  readonly open: () => Promise<{ readonly database: Database; drop(): Promise<void> }>;
  readonly reader: EventReader;
  readonly storeOf: (events: readonly SealedStoredEvent[]) => Pick<EventStore, 'readStream' | 'readLog'>;
}

/** A sealed log with a read model, both holding what a test says. */
export interface SealedHistory {
  readonly source: ReportSource;
  /** Seals events and takes them into the read model, in place of what was there. */
  tell(events: readonly SealedEvent[]): Promise<void>;
  /** Seals events in place of what was there, and takes in nothing. */
  seal(events: readonly SealedEvent[]): Promise<void>;
  /** Takes lines out of the sealed log, which only a test can: the trigger that forbids it is switched off meanwhile. */
  punch(positions: readonly number[]): Promise<void>;
}

/** Opens one for the tests of the present suite. For specs only. */
export function sealedHistory({ open, reader, storeOf }: SealedHistoryParts): SealedHistory {
  let test: Awaited<ReturnType<typeof open>>;
  let store: ReturnType<typeof storeOf> = storeOf([]);
  beforeAll(async () => {
    test = await open();
    await migrate(test.database, [...ledgerMigrations, ...readModelMigrations]);
  });
  afterAll(() => test?.drop());
  const seal = async (events: readonly SealedEvent[]) => {
    store = storeOf(events.map(stored));
    await empty(test.database);
    await insertLines(test.database, events);
  };
  return {
    get source() {
      return { database: test.database, store, reader };
    },
    seal,
    tell: async (events) => {
      await seal(events);
      await takeIn(test.database, reader, events.map(stored));
    },
    punch: (positions) =>
      unsealed(test.database, 'delete from ledger.sealed_log where position = any($1::bigint[])', [positions]),
  };
}

const stored = (event: SealedEvent): SealedStoredEvent => ({
  ...event,
  data: event.data as Json,
  storePosition: event.position,
});

async function empty(database: Database): Promise<void> {
  const tables = PROJECTIONS.flatMap((projection) => projection.tables.map(({ name }) => name));
  await database.query(`truncate ${tables.join(', ')}, read_model.checkpoints, read_model.parked`);
  await unsealed(database, 'truncate ledger.sealed_log', []);
}

async function unsealed(database: Database, statement: string, values: unknown[]): Promise<void> {
  await database.transaction(async (client) => {
    await client.query('alter table ledger.sealed_log disable trigger sealed_is_sealed');
    await client.query(statement, values);
    await client.query('alter table ledger.sealed_log enable always trigger sealed_is_sealed');
  });
}

async function insertLines(database: Database, events: readonly SealedEvent[]): Promise<void> {
  const lines = events.map((event) => ({
    position: event.position,
    tenant: parseStreamName(event.stream).tenant,
    tenant_position: event.tenantPosition,
    store_position: event.position,
    event_id: event.id,
    stream: event.stream,
    revision: event.revision,
    sealed_at: event.sealedAt,
    hash: `\\x${canonicalHash(stored(event)).toString('hex')}`,
  }));
  await database.query(
    'insert into ledger.sealed_log select * from jsonb_populate_recordset(null::ledger.sealed_log, $1)',
    [JSON.stringify(lines)],
  );
}

async function takeIn(database: Database, reader: EventReader, events: readonly SealedStoredEvent[]): Promise<void> {
  const runner = new ProjectionRunner({
    database,
    sealedEvents: { shared: false, follow: async () => {} },
    store: { readStream: async (stream) => events.filter((event) => event.stream === stream) },
    reader,
    catalogue,
    projections: PROJECTIONS,
  });
  const through = events.at(-1)?.position ?? -1;
  const batch = { partition: EVERY_PARTITION, events, sealedThrough: through, storeThrough: through, bookmark: null };
  await runner.take(batch, { guard: async () => {} });
}
