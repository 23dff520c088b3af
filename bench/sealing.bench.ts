/**
 * How fast the relay seals: reading from the store, hashing, and writing the sealed log in transactions of 500 with fsync. The baseline is what the
 * database alone needs to copy the same rows into the same table in transactions of the same size, without reading or hashing events.
 * Target: at least 10,000 events/s.
 * `npm run bench -- sealing [events] [rounds]`
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, databaseMigrations, migrate, openDatabase } from '#libs/database';
import { eventStoreMigrations, NO_STREAM, postgresEventStore } from '#libs/event-store';
import { ledgerMigrations, SEAL_BATCH, sealPending } from '#libs/ledger';
import { startPrivatePostgres } from '#libs/testing';

const [EVENTS = 10_000, ROUNDS = 3] = process.argv.slice(2).map(Number);
const TARGET = 10_000;
const log = { info: () => {}, warn: console.warn, error: console.error };
const clock = { now: () => new Date() };
const lease = { guard: async () => {} };

const uuid = (name: string) => {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};
const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

async function appendEvents(store: ReturnType<typeof postgresEventStore>, round: number): Promise<void> {
  const append = (index: number) => {
    const id = uuid(`${round}/${index}`);
    const metadata = {
      actor: { kind: 'connection', id: 'okta' },
      commandId: id,
      commandDigest: id.repeat(2),
      correlationId: id,
    } as const;
    const event = { id, type: 'SignedIn', schemaVersion: 1, recordedAt: '2026-03-02T09:00:00.000Z', metadata };
    return store.append(`signIn-tenant${index % 7}+${id}`, NO_STREAM, [
      { ...event, data: { account: id, claims: id.repeat(14) } },
    ]);
  };
  for (let done = 0; done < EVENTS; done += 5_000) {
    await Promise.all(Array.from({ length: Math.min(5_000, EVENTS - done) }, (_, index) => append(done + index)));
  }
}

/** Events per second of a job that works through this round's events. */
async function rateOf(job: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await job();
  return EVENTS / ((performance.now() - begun) / 1_000);
}

async function copyRows(database: Database, round: number): Promise<void> {
  for (let first = round * EVENTS; first < (round + 1) * EVENTS; first += SEAL_BATCH) {
    const last = Math.min(first + SEAL_BATCH, (round + 1) * EVENTS);
    await database.query('insert into copied select * from ledger.sealed_log where position >= $1 and position < $2', [
      first,
      last,
    ]);
  }
}

async function measure(name: string, database: Database) {
  await migrate(database, [...databaseMigrations, ...eventStoreMigrations, ...ledgerMigrations]);
  await database.query('create table copied (like ledger.sealed_log including all)');
  const store = postgresEventStore({ database });
  const rounds: { sealing: number; copying: number }[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    await appendEvents(store, round);
    const sealing = await rateOf(async () => {
      while ((await sealPending({ database, store, lease, clock })).count > 0);
    });
    const copying = await rateOf(() => copyRows(database, round));
    if (round > 0) rounds.push({ sealing, copying }); // the first round warms up
  }
  await store.close();
  return {
    database: name,
    'sealed events/s': Math.round(median(rounds.map(({ sealing }) => sealing))),
    'copied rows/s': Math.round(median(rounds.map(({ copying }) => copying))),
    ratio: Number(median(rounds.map(({ sealing, copying }) => sealing / copying)).toFixed(2)),
  };
}

const folder = mkdtempSync(join(tmpdir(), 'gb-bench-'));
const embedded = await openDatabase({ dataDir: folder, log });
const results = [await measure('embedded', embedded)];
await embedded.close();
const server = await startPrivatePostgres({ fsync: true });
if (server) {
  const postgres = await openDatabase({ url: server.url, dataDir: folder, log });
  results.unshift(await measure('postgres', postgres));
  await postgres.close();
  await server.stop();
} else console.warn('SKIPPED: there is no PostgreSQL on this machine; only the embedded database is measured.');
rmSync(folder, { recursive: true, force: true });

console.table(results);
for (const { database, 'sealed events/s': rate } of results) {
  console.log(`sealing on ${database}: ${rate}/s (target at least ${TARGET}: ${rate >= TARGET ? 'met' : 'MISSED'})`);
}
