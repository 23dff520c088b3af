/**
 * How fast a projection is rebuilt beside the live tables: reading the events from the store, decrypting, folding, writing, indexing,
 * comparing with the live rows and switching. The baseline is what PostgreSQL alone needs to COPY the same rows, ready in memory, into the
 * same table and to make the same indexes. Memory is measured meanwhile: it must not grow with the log.
 * Target: rows at least at 0.3 of the speed of COPY, memory flat.
 * `npm run bench -- rebuild [events] [projections, with commas]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { catalogue } from '#libs/contracts';
import { sealPending } from '#libs/ledger';
import { createLog, type Engine, openEngine, readEnvironment } from '#libs/platform';
import { PROJECTIONS, type Projection, type RebuildProgress, rebuildProjection } from '#libs/read-model';
import { assigned, by, Chronicle, person, provisioned, revoked, signedIn, startPrivatePostgres } from '#libs/testing';
import { rounded } from './support/statistics.js';

const EVENTS = Number(process.argv[2] ?? 100_000);
const TARGET = 0.3;
const MEASURED = (process.argv[3] ?? 'events,grants,accounts,account-history,sign-ins').split(',');
/** Events of one person: provisioned, eight grants, four of them ended, seven sign-ins. */
const EACH = 20;
const AT_ONCE = 64;

const log = createLog({ level: 'error', readable: true, destination: process.stderr });

async function writeLog({ store, codec, database, clock }: Engine): Promise<number> {
  const write = async (index: number) => {
    const someone = person(`Person${index}`, 'Example');
    const chronicle = new Chronicle();
    chronicle.record(provisioned(someone));
    for (let nth = 1; nth <= 8; nth += 1)
      chronicle.record(assigned(someone, `role-${nth}`, by('okta', 'all'), { nth }));
    for (let nth = 1; nth <= 4; nth += 1) chronicle.record(revoked(someone, `role-${nth}`, { nth }));
    for (let nth = 1; nth <= EACH - 13; nth += 1) chronicle.record(signedIn(someone, 'okta', { nth }));
    for (const event of chronicle.events)
      await store.append(event.stream, event.revision - 1, await codec.encode([event]));
  };
  const people = Math.ceil(EVENTS / EACH);
  for (let at = 0; at < people; at += AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, people - at) }, (_, index) => write(at + index)));
  let head = 0;
  for (;;) {
    const { count } = await sealPending({ database, store, clock, lease: { guard: async () => {} } });
    if (count === 0) return head;
    head += count;
  }
}

/** The live tables are filled by a first rebuild: an empty read model that has seen everything differs in every row. */
async function claimProjected({ database }: Engine, { name, version }: Projection): Promise<void> {
  await database.query(
    `insert into read_model.checkpoints (projection, version, position, store_position)
     select $1, $2, max(position), max(store_position) from ledger.sealed_log`,
    [name, version],
  );
}

interface Timed {
  readonly seconds: number;
  readonly phases: Readonly<Record<string, number>>;
  /** Resident memory, MB, at each tenth of the filling. */
  readonly memory: readonly number[];
}

async function rebuild(engine: Engine, projection: Projection): Promise<Timed> {
  const { database, store, codec, leases } = engine;
  const phases: Record<string, number> = {};
  const memory: number[] = [];
  let [phase, since] = ['filling', performance.now()];
  const begun = since;
  const turnTo = (next: string) => {
    phases[phase] = (phases[phase] ?? 0) + (performance.now() - since) / 1_000;
    [phase, since] = [next, performance.now()];
  };
  const onProgress = ({ phase: now, position, of }: RebuildProgress) => {
    if (now !== phase) turnTo(now);
    if (now === 'filling' && (position / of) * 10 >= memory.length)
      memory.push(Math.round(process.memoryUsage().rss / 1e6));
  };
  await rebuildProjection({
    database,
    store,
    reader: codec,
    catalogue,
    leases,
    projection,
    software: 'bench',
    onProgress,
  });
  turnTo('done');
  return { seconds: (performance.now() - begun) / 1_000, phases, memory };
}

/** Seconds to copy the live rows into twins and to make their indexes. */
async function copyRows({ database }: Engine, { tables }: Projection): Promise<{ rows: number; seconds: number }> {
  let [rows, seconds] = [0, 0];
  for (const { name } of tables) {
    const client = await database.pool.connect();
    const chunks: Buffer[] = [];
    for await (const chunk of client.query(copyTo(`copy ${name} to stdout`))) chunks.push(chunk as Buffer);
    const { rows: indexes } = await client.query<{ text: string }>(
      `select pg_get_indexdef(indexrelid) as text from pg_index where indrelid = $1::regclass`,
      [name],
    );
    await client.query(`create schema copied; create table copied.rows (like ${name})`);
    const begun = performance.now();
    await pipeline(Readable.from(chunks), client.query(copyFrom('copy copied.rows from stdin')));
    for (const { text } of indexes) await client.query(text.replace(` ON ${name} `, ' ON copied.rows '));
    seconds += (performance.now() - begun) / 1_000;
    rows += (await client.query<{ count: number }>('select count(*) as count from copied.rows')).rows[0]?.count ?? 0;
    await client.query('drop schema copied cascade');
    client.release();
  }
  return { rows, seconds };
}

const folder = mkdtempSync(join(tmpdir(), 'gb-bench-'));
const server = await startPrivatePostgres({ fsync: true });
if (server) {
  const environment = readEnvironment({
    DATABASE_URL: server.url,
    GATEBOOK_DATA_DIR: folder,
    ...(process.env['GATEBOOK_KEYRING'] ? { GATEBOOK_KEYRING: process.env['GATEBOOK_KEYRING'] } : {}),
  });
  const engine = await openEngine({ environment, log });
  const events = await writeLog(engine);
  const results = [];
  for (const name of MEASURED) {
    const projection = PROJECTIONS.find((one) => one.name === name) as Projection;
    await claimProjected(engine, projection);
    await rebuild(engine, projection);
    const copied = await copyRows(engine, projection);
    const { seconds, phases, memory } = await rebuild(engine, projection);
    const making = (phases['filling'] ?? 0) + (phases['indexing'] ?? 0);
    results.push({
      projection: name,
      rows: copied.rows,
      'COPY rows/s': Math.round(copied.rows / copied.seconds),
      'rebuild rows/s': Math.round(copied.rows / making),
      'events/s': Math.round(events / making),
      ratio: rounded(copied.seconds / making, 2),
      'with comparing and switching': rounded(copied.seconds / seconds, 2),
      'memory MB': memory.join(' '),
    });
    console.log(name, phases);
  }
  console.table(results);
  for (const { projection, ratio } of results)
    console.log(
      `rebuilding ${projection}: ${ratio} of COPY (target at least ${TARGET}: ${ratio >= TARGET ? 'met' : 'MISSED'})`,
    );
  await engine.close();
  await server.stop();
} else console.warn('SKIPPED: there is no PostgreSQL on this machine.');
rmSync(folder, { recursive: true, force: true });
