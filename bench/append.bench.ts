/**
 * What a durable append costs: group commit against plain concurrent inserts into the same table, and against one advisory lock per
 * append, by 1 and by 32 callers, on the embedded database and on a PostgreSQL with fsync. Every append is one event of about 900 bytes
 * in a new stream. The variants take turns, so that all meet the same noise; figures are medians of the rounds, ratios are medians of
 * the ratios within a round.
 * Targets: at 32 callers at least 1.6 times plain inserts and p99 under 10 ms; embedded at least 0.65 of PostgreSQL.
 * `npm run bench -- append [seconds per turn] [rounds]`
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type Database, databaseMigrations, migrate, openDatabase } from '#libs/database';
import { type EventToAppend, eventStoreMigrations, postgresEventStore } from '#libs/event-store';
import { startPrivatePostgres } from '#libs/testing';
import { createNaiveSchema, groupCommit, lockPerAppend, plainInserts, type Variant } from './append-variants.js';

const [SECONDS = 1.5, ROUNDS = 5] = process.argv.slice(2).map(Number);
const CALLERS = [1, 32] as const;
const TARGET = { plain: 1.6, embedded: 0.65, p99Ms: 10 };
const log = { info: () => {}, warn: console.warn, error: console.error };

/** One turn of one variant. */
interface Turn {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

let made = 0;
function nextEvent(): EventToAppend {
  made += 1;
  const hex = createHash('sha256').update(`event ${made}`).digest('hex');
  const id = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  const metadata = {
    actor: { kind: 'connection', id: 'okta' },
    commandId: id,
    commandDigest: hex,
    correlationId: id,
  } as const;
  const data = { account: id, claims: hex.repeat(8) };
  return { id, type: 'SignedIn', schemaVersion: 1, recordedAt: '2026-03-02T09:00:00.000Z', data, metadata };
}

async function turn({ append }: Variant, callers: number): Promise<Turn> {
  const end = performance.now() + SECONDS * 1_000;
  const times: number[] = [];
  const call = async () => {
    while (performance.now() < end) {
      const event = nextEvent();
      const begun = performance.now();
      await append(`signIn-acme+${event.id}`, event);
      times.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(times.length * share)] ?? Number.NaN;
  return { perSecond: times.length / SECONDS, p50: at(0.5), p99: at(0.99) };
}

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

async function variantsOn(database: Database, baselines: pg.Pool): Promise<Variant[]> {
  await migrate(database, [...databaseMigrations, ...eventStoreMigrations]);
  await createNaiveSchema(baselines);
  return [groupCommit(postgresEventStore({ database })), plainInserts(baselines), lockPerAppend(baselines)];
}

const folder = mkdtempSync(join(tmpdir(), 'gb-bench-'));
const embedded = await openDatabase({ dataDir: folder, log });
const server = await startPrivatePostgres({ fsync: true });
const postgres = server && (await openDatabase({ url: server.url, dataDir: folder, log }));
const connections = server && new pg.Pool({ connectionString: server.url, max: Math.max(...CALLERS) });
connections?.on('error', () => {}); // a connection that ends with its server is no news
if (!server) console.warn('SKIPPED: there is no PostgreSQL on this machine; only the embedded database is measured.');

const subjects: [string, Variant[]][] = [['embedded', await variantsOn(embedded, embedded.pool)]];
if (postgres && connections) subjects.unshift(['postgres', await variantsOn(postgres, connections)]);

const turns = new Map<string, Turn[]>();
for (let round = 0; round <= ROUNDS; round += 1) {
  for (const callers of CALLERS) {
    for (const [where, variants] of subjects) {
      for (const variant of variants) {
        const key = `${where} ${callers} ${variant.name}`;
        const measured = await turn(variant, callers);
        if (round > 0) turns.set(key, [...(turns.get(key) ?? []), measured]); // the first round warms up
      }
    }
  }
}

/** Ratio of two variants' rates: median over the rounds. */
function ratio(one: string, other: string): number {
  const others = turns.get(other) ?? [];
  return median(
    (turns.get(one) ?? []).map(({ perSecond }, round) => perSecond / (others[round]?.perSecond ?? Number.NaN)),
  );
}

console.table(
  [...turns].map(([key, all]) => {
    const [where, callers, ...name] = key.split(' ');
    return {
      database: where,
      callers: Number(callers),
      variant: name.join(' '),
      'appends/s': Math.round(median(all.map(({ perSecond }) => perSecond))),
      'p50 ms': Number(median(all.map(({ p50 }) => p50)).toFixed(2)),
      'p99 ms': Number(median(all.map(({ p99 }) => p99)).toFixed(2)),
      'of plain inserts': Number(ratio(key, `${where} ${callers} plain inserts`).toFixed(2)),
    };
  }),
);
const verdict = (what: string, value: number, holds: boolean, target: string) =>
  console.log(`${what}: ${value.toFixed(2)} (target ${target}: ${holds ? 'met' : 'MISSED'})`);
if (postgres) {
  const plain = ratio('postgres 32 group commit', 'postgres 32 plain inserts');
  const toEmbedded = ratio('embedded 32 group commit', 'postgres 32 group commit');
  const p99 = median((turns.get('postgres 32 group commit') ?? []).map(({ p99: one }) => one));
  verdict('group commit against plain inserts, 32 callers', plain, plain >= TARGET.plain, `at least ${TARGET.plain}`);
  verdict('p99 of group commit in ms, 32 callers', p99, p99 < TARGET.p99Ms, `under ${TARGET.p99Ms}`);
  verdict(
    'embedded against PostgreSQL, 32 callers',
    toEmbedded,
    toEmbedded >= TARGET.embedded,
    `at least ${TARGET.embedded}`,
  );
}

await connections?.end();
await postgres?.close();
await server?.stop();
await embedded.close();
rmSync(folder, { recursive: true, force: true });
