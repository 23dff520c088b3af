import { EVERY_PARTITION, type SealedStoredEvent, sealedLogEvents } from '#libs/bus';
import { catalogue } from '#libs/contracts';
import { type Database, databaseMigrations, leases, migrate } from '#libs/database';
import { BEFORE_FIRST, type EventStore, eventStoreMigrations, postgresEventStore } from '#libs/event-store';
import type { Clock, SealedEvent } from '#libs/kernel';
import { ledgerMigrations, sealPending } from '#libs/ledger';
import { applyStretch } from '../projecting/apply-stretch.js';
import { type EventReader, sightEvents } from '../projecting/sighted-events.js';
import { ProjectionHeldError } from '../projecting/standing.js';
import { PROJECTIONS } from '../projections.js';
import { readModelMigrations } from '../read-model.migrations.js';
import type { Rebuilding } from './rebuild-projection.js';

const FREE = { guard: async () => {} };
const clock: Clock = { now: () => new Date('2026-04-01T09:00:00.000Z') };

/** A database with a log in clear, sealed, and a read model over it. */
export interface ProjectedLog {
  readonly database: Database;
  readonly store: EventStore;
  /** Appends a history and seals it. */
  write(events: readonly SealedEvent[]): Promise<void>;
  /** Takes what is sealed into the live tables, `batch` events at a time. */
  project(batch?: number): Promise<void>;
  /** Every row of the live tables of a projection, in a fixed order. */
  contents(projection: string): Promise<readonly string[]>;
  rebuilding(projection: string, over?: Partial<Rebuilding>): Rebuilding;
  /** Empties it. */
  clear(): Promise<void>;
  drop(): Promise<void>;
}

/** Opens one on an empty database. */
export async function projectedLog(
  open: () => Promise<{ readonly database: Database; drop(): Promise<void> }>,
  reader: EventReader,
): Promise<ProjectedLog> {
  const { database, drop } = await open();
  await migrate(database, [
    ...databaseMigrations,
    ...eventStoreMigrations,
    ...ledgerMigrations,
    ...readModelMigrations,
  ]);
  const store = postgresEventStore({ database });
  const tables = PROJECTIONS.flatMap((projection) => projection.tables.map(({ name }) => name));
  const byName = (name: string) => PROJECTIONS.find((one) => one.name === name) as (typeof PROJECTIONS)[number];
  return {
    database,
    store,
    write: (events) => write(database, store, events),
    project: (batch = 100) => project(database, store, reader, batch),
    contents: async (projection) => {
      const all = byName(projection).tables.map(({ name }) =>
        database.query<{ row: object }>(`select to_jsonb(t) as row from ${name} t`),
      );
      return (await Promise.all(all)).flatMap(({ rows }) => rows.map(({ row }) => JSON.stringify(row)).sort());
    },
    rebuilding: (projection, over = {}) => ({
      database,
      store,
      reader,
      catalogue,
      leases: leases(database),
      projection: byName(projection),
      software: '1',
      ...over,
    }),
    clear: async () => {
      await database.query(
        'alter table es.events disable trigger all; alter table ledger.sealed_log disable trigger all',
      );
      await database.query(
        `truncate ${tables.join(', ')}, read_model.checkpoints, read_model.parked, read_model_shadow.parked, ledger.sealed_log, es.events`,
      );
    },
    drop: async () => {
      await store.close();
      await drop();
    },
  };
}

async function write(database: Database, store: EventStore, events: readonly SealedEvent[]): Promise<void> {
  for (const { id, type, schemaVersion, stream, revision, recordedAt, data, metadata } of events) {
    const event = { id, type, schemaVersion, recordedAt, data: data as never, metadata };
    await store.append(stream, revision - 1, [event]);
  }
  while ((await sealPending({ database, store, lease: FREE, clock })).count > 0);
}

/** As the live runner does it, once. */
async function project(database: Database, store: EventStore, reader: EventReader, batch: number): Promise<void> {
  const { rows } = await database.query<{ position: number; head: number }>(
    `select coalesce((select min(position) from read_model.checkpoints), -1) as position,
            coalesce((select max(position) from ledger.sealed_log), -1) as head`,
  );
  const { position, head } = rows[0] as { position: number; head: number };
  const take = async ({ events, sealedThrough }: { events: readonly SealedStoredEvent[]; sealedThrough: number }) => {
    for (let at = 0; at < events.length; at += batch) await takePart(database, reader, events.slice(at, at + batch));
    return sealedThrough >= head ? ('stop' as const) : ('go-on' as const);
  };
  const place = async () => ({ position, bookmark: null });
  await sealedLogEvents({ database, store }).follow({ name: 'test', place, take }, new AbortController().signal);
}

async function takePart(database: Database, reader: EventReader, part: readonly SealedStoredEvent[]): Promise<void> {
  const last = part.at(-1);
  const through = { position: last?.position ?? -1, storePosition: last?.storePosition ?? BEFORE_FIRST };
  const events = await sightEvents(reader, PROJECTIONS, part);
  const stretch = { events, reached: [{ partition: EVERY_PARTITION, bookmark: null, ...through }], after: new Map() };
  for (;;) {
    try {
      await applyStretch({ database, lease: FREE }, PROJECTIONS, stretch);
      return;
    } catch (error) {
      if (!(error instanceof ProjectionHeldError)) throw error;
    }
  }
}
