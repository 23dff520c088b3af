import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, type DatabaseLog, openDatabase } from '#libs/database';
import { type PrivatePostgres, startPrivatePostgres, whyNoPostgres } from './private-postgres.js';

/** An empty database of its own. */
export interface TestDatabase {
  readonly database: Database;
  /** Set on PostgreSQL: for further processes or pools on the same database. */
  readonly url?: string;
  /** Folder of the embedded database; on PostgreSQL an empty folder for whatever else a process keeps. */
  readonly dataDir: string;
  /** Closes it and removes everything. */
  drop(): Promise<void>;
}

/** A kind of database that a contract suite runs on. */
export interface DatabaseUnderTest {
  readonly name: Database['kind'];
  /** Opens an empty one; a second call opens another. */
  open(): Promise<TestDatabase>;
  /** Why this kind cannot be tested here; the suite must say so and run nothing. */
  readonly skipped?: string;
}

/** A log that keeps silent. */
export const silent: DatabaseLog = { info: () => {}, warn: () => {}, error: () => {} };

/** Every kind of database. One that this machine lacks is marked as skipped, with a loud warning. */
export function databasesUnderTest(): readonly DatabaseUnderTest[] {
  const skipped = whyNoPostgres();
  if (skipped) console.warn(`SKIPPED: nothing is tested on a real PostgreSQL: ${skipped}.`);
  return [
    { name: 'embedded', open: openEmbedded },
    { name: 'postgres', open: openOnPostgres, skipped },
  ];
}

/**
 * Runs the same tests on every kind of database: `onEveryDatabase((open) => { it(…) })`.
 * A kind that this machine lacks shows as one skipped test with the reason.
 */
export function onEveryDatabase(suite: (open: DatabaseUnderTest['open'], kind: Database['kind']) => void): void {
  for (const { name, open, skipped } of databasesUnderTest()) {
    describe(`on ${name}`, () => {
      if (skipped)
        it.skip(skipped, () => {}); // shows in every report that this kind was not tested, and why
      else suite(open, name);
    });
  }
}

async function openEmbedded(): Promise<TestDatabase> {
  const dataDir = fs.mkdtempSync(join(tmpdir(), 'gb-data-'));
  const database = await openDatabase({ dataDir, log: silent });
  return {
    database,
    dataDir,
    drop: () => database.close().finally(() => fs.rmSync(dataDir, { recursive: true, force: true })),
  };
}

async function openOnPostgres(): Promise<TestDatabase> {
  const server = await sharedServer.borrow();
  const dataDir = fs.mkdtempSync(join(tmpdir(), 'gb-data-'));
  const name = `gatebook_test_${randomUUID().replaceAll('-', '')}`;
  await administer(server.url, `create database ${name} template template0 encoding 'UTF8'`);
  const url = onDatabase(server.url, name);
  const database = await openDatabase({ url, dataDir, log: silent });
  const drop = async () => {
    await database.close();
    fs.rmSync(dataDir, { recursive: true, force: true });
    await administer(server.url, `drop database ${name} with (force)`);
    sharedServer.giveBack();
  };
  return { database, url, dataDir, drop };
}

async function administer(url: string, statement: string): Promise<void> {
  const database = await openDatabase({ url, dataDir: tmpdir(), log: silent });
  await database.query(statement).finally(() => database.close());
}

function onDatabase(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** One server for all databases of a test file; it stops a moment after the last one is dropped. */
const sharedServer = (() => {
  const lingerMs = 1_000;
  let server: Promise<PrivatePostgres | null> | undefined;
  let borrowed = 0;
  let leaving: NodeJS.Timeout | undefined;
  return {
    borrow: async (): Promise<PrivatePostgres> => {
      borrowed++;
      clearTimeout(leaving);
      server ??= startPrivatePostgres();
      const running = await server;
      if (!running) throw new Error(`No PostgreSQL to test on: ${whyNoPostgres()}.`);
      return running;
    },
    giveBack: () => {
      if (--borrowed > 0) return;
      leaving = setTimeout(() => {
        const last = server;
        server = undefined;
        void last?.then((running) => running?.stop());
      }, lingerMs).unref();
    },
  };
})();
