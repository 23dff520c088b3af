/**
 * The embedded database under what befalls it: power, kills, a failing disk, a second process. Each runs in a process of its own where
 * the process has to die.
 */
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { type ChildScript, silent, startScript } from '#libs/testing';
import type { Database } from '../database.js';
import { leases } from '../leases.js';
import { databaseMigrations, migrate } from '../migrations.js';
import { openDatabase } from '../open-database.js';
import { createIfAbsent } from './creation.js';
import { dataFolderHolder } from './data-folder-lock.js';
import { startEmbeddedServer } from './embedded-server.js';

const OPEN = `
  import { openDatabase, migrate, databaseMigrations, leases } from './dist/libs/database/src/index.js';
  const log = { info() {}, warn() {}, error(message) { console.log('error: ' + message); } };
  const onFatal = (error) => { console.log('fatal: ' + error.code); };
  const database = await openDatabase({ dataDir: process.env.FOLDER, log, onFatal });`;

/** Inserts one row after another and prints each only when its commit was acknowledged. */
const INSERT_FOR_EVER = `${OPEN}
  await database.query('create table if not exists acked(n int primary key)');
  for (let n = 0; ; n++) { await database.query('insert into acked values ($1)', [n]); console.log('acked ' + n); }`;

/** Makes every flush fail once the file exists. */
const BREAKABLE_DISK = `
  import fs from 'node:fs';
  const flush = fs.fsyncSync;
  fs.fsyncSync = (descriptor) => {
    if (fs.existsSync(process.env.BREAK)) throw Object.assign(new Error('broken on purpose'), { code: 'EIO' });
    return flush(descriptor);
  };`;

describe('the embedded database', () => {
  let folder: string;
  let scripts: ChildScript[];
  let databases: Database[];

  beforeEach(() => {
    folder = fs.mkdtempSync(join(tmpdir(), 'gb-embedded-'));
    scripts = [];
    databases = [];
  });
  afterEach(async () => {
    await Promise.all([...scripts.map((script) => script.kill()), ...databases.map((database) => database.close())]);
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const script = (source: string, preload?: string) => {
    const started = startScript(source, { env: { FOLDER: folder, BREAK: join(folder, 'break') }, preload });
    scripts.push(started);
    return started;
  };
  const open = async () => {
    const database = await openDatabase({ dataDir: folder, log: silent });
    databases.push(database);
    return database;
  };
  const printed = (lines: readonly string[], word: string) => lines.filter((line) => line.startsWith(word));

  it('keeps its rows over a restart', async () => {
    const before = await open();
    await before.query('create table kept(n int); insert into kept values (1)');
    await before.close();

    const after = await open();

    expect((await after.query('select n from kept')).rows).toEqual([{ n: 1 }]);
  }, 60_000);

  it('refuses to start when commits would not reach the disk', async () => {
    const cluster = join(folder, 'postgres');
    await createIfAbsent(cluster);

    const stock = startEmbeddedServer({ folder: cluster, startParams: PGlite.defaultStartParams, onStopped: () => {} });

    await expect(stock).rejects.toThrow(/not durable: fsync is off/);
  }, 60_000);

  it('has every acknowledged row after kill -9, and its folder is free at once', async () => {
    const victim = script(INSERT_FOR_EVER);
    await victim.until((line) => line === 'acked 200');
    await victim.kill();

    const database = await open();

    const { rows } = await database.query<{ n: number }>('select n from acked order by n');
    const acknowledged = printed(victim.lines, 'acked').length;
    expect(acknowledged).toBeGreaterThan(200);
    expect(rows.slice(0, acknowledged).map(({ n }) => n)).toEqual(Array.from({ length: acknowledged }, (_, n) => n));
  }, 60_000);

  it('refuses a second process on the folder while the first goes on', async () => {
    const first = script(INSERT_FOR_EVER);
    await first.until((line) => line === 'acked 10');

    await expect(open()).rejects.toMatchObject({ code: 'data-folder-in-use', pid: first.pid });

    const later = `acked ${first.lines.length + 10}`;
    await first.until((line) => line === later);
  }, 60_000);

  it('never acknowledges after the disk refused to flush, and says so', async () => {
    const broken = script(INSERT_FOR_EVER, BREAKABLE_DISK);
    await broken.until((line) => line === 'acked 20');

    fs.writeFileSync(join(folder, 'break'), '');
    await expect(broken.ended()).resolves.toBe(1);

    const said = broken.lines.findIndex((line) => line.includes('the disk refused to flush (EIO)'));
    expect(said).toBeGreaterThan(0);
    expect(printed(broken.lines.slice(said), 'acked')).toEqual([]);
    expect(broken.lines).toContain('fatal: embedded-database-stopped');
  }, 60_000);

  it('rejects every waiting and every later statement when its thread dies, and tells the process', async () => {
    const dying = script(
      `${OPEN}
      const report = (what) => (error) => console.log(what + ': ' + error.code);
      const slow = database.query('select pg_sleep(60)').catch(report('running'));
      const queued = database.query('select 1').catch(report('waiting'));
      await new Promise((resolve) => setTimeout(resolve, 100));
      globalThis.workers.forEach((worker) => worker.terminate());
      await Promise.all([slow, queued]);
      await database.query('select 1').catch(report('later'));
      await database.close();
      process.exit(0);`,
      `import threads from 'node:worker_threads'; import { syncBuiltinESMExports } from 'node:module';
       const { Worker } = threads; globalThis.workers = [];
       threads.Worker = class extends Worker { constructor(...args) { super(...args); globalThis.workers.push(this); } };
       syncBuiltinESMExports();`,
    );

    await expect(dying.ended()).resolves.toBe(0);
    expect(dying.lines).toEqual(
      expect.arrayContaining(
        ['fatal', 'running', 'waiting', 'later'].map((what) => `${what}: embedded-database-stopped`),
      ),
    );
  }, 60_000);

  it('frees the leases of a dead process at once', async () => {
    const dead = script(`${OPEN}
      await migrate(database, databaseMigrations);
      await leases(database).acquire('sequencer');
      console.log('held');`);
    await dead.until((line) => line === 'held');
    await dead.kill();

    const database = await open();
    await migrate(database, databaseMigrations);

    expect(await leases(database).acquire('sequencer')).toMatchObject({ epoch: 3 });
  }, 60_000);

  it('begins anew after a first start that was interrupted', async () => {
    fs.mkdirSync(join(folder, 'postgres.partial', 'base'), { recursive: true });

    const database = await open();

    await expect(database.query('select 1 as one')).resolves.toMatchObject({ rows: [{ one: 1 }] });
    expect(fs.existsSync(join(folder, 'postgres.partial'))).toBe(false);
  }, 60_000);

  it('touches nothing that is not its own', async () => {
    fs.mkdirSync(join(folder, 'postgres'));
    fs.writeFileSync(join(folder, 'postgres', 'precious'), '');

    await expect(open()).rejects.toThrow(/holds no database/);
    expect(fs.existsSync(join(folder, 'postgres', 'precious'))).toBe(true);
    expect(dataFolderHolder(folder)).toBeNull();
  });
});
