import { join, resolve } from 'node:path';
import pg from 'pg';
import type { EmbeddedDatabaseStoppedError } from '../database.errors.js';
import { CONNECTION_WAIT_MS, type Database, type DatabaseLog } from '../database.js';
import { expireLeases } from '../leases.js';
import type { Migration } from '../migrations.js';
import { endPool, pooledDatabase } from '../pooled-database.js';
import { valueTypes } from '../value-types.js';
import { createIfAbsent } from './creation.js';
import { type DataFolderLock, lockDataFolder } from './data-folder-lock.js';
import { type EmbeddedServer, startEmbeddedServer } from './embedded-server.js';
import { startUpkeep } from './upkeep.js';

/** Place of the cluster in the data folder. */
export const CLUSTER = 'postgres';

/** How to open the embedded database. */
export interface EmbeddedOptions {
  readonly dataDir: string;
  readonly log: DatabaseLog;
  /** What the database will be migrated to; a new one is copied from a template that has it already, where there is one. */
  readonly schema?: readonly Migration[];
  /** Called once if the database stops by itself; the process should say so and end. */
  readonly onFatal?: (error: EmbeddedDatabaseStoppedError) => void;
}

/**
 * Opens the embedded PostgreSQL in the data folder, creating it if it is absent.
 * Leases that a dead process left are free at once: the lock on the folder proves that their holder is gone.
 * @throws {DataFolderInUseError} when the folder is taken
 * @throws {DatabaseUnavailableError} when it cannot be created or does not start
 */
export async function openEmbedded({ dataDir, log, schema, onFatal }: EmbeddedOptions): Promise<Database> {
  const lock = lockDataFolder(dataDir);
  try {
    const folder = join(resolve(dataDir), CLUSTER);
    await createIfAbsent(folder, schema);
    const server = await startEmbeddedServer({ folder, onStopped: (error) => stopped(error, log, onFatal) });
    return await overServer(server, lock, log).catch((error: unknown) => closeAndRethrow(server, error));
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function overServer(server: EmbeddedServer, lock: DataFolderLock, log: DatabaseLog): Promise<Database> {
  const pool = singleSessionPool(server, log);
  await expireLeases(pool);
  const upkeep = startUpkeep(pool, log);
  return pooledDatabase(pool, {
    kind: 'embedded',
    recordServerUrl: (url) => lock.recordServerUrl(url),
    close: async () => {
      await upkeep.stop();
      await endPool(pool);
      await server.close();
      lock.release();
    },
  });
}

/**
 * One connection, for ever. The embedded PostgreSQL has one session for everybody: a second connection would read the first one's
 * uncommitted rows. A replaced connection meets the old one's transaction and prepared statements, so both are cleared first.
 */
function singleSessionPool(server: EmbeddedServer, log: DatabaseLog): pg.Pool {
  const pool = new pg.Pool({
    stream: () => server.connect(),
    user: 'postgres',
    database: 'postgres',
    ssl: false,
    max: 1,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: CONNECTION_WAIT_MS,
    types: valueTypes,
    onConnect: async (client) => {
      await client.query('rollback');
      await client.query('discard all');
    },
  });
  pool.on('error', (error) => log.error(`The connection to the embedded database broke: ${error.message}`));
  return pool;
}

/** The thread must be gone before the folder is free for somebody else. */
async function closeAndRethrow(server: EmbeddedServer, error: unknown): Promise<never> {
  await server.close();
  throw error;
}

function stopped(error: EmbeddedDatabaseStoppedError, log: DatabaseLog, onFatal: EmbeddedOptions['onFatal']): void {
  log.error(error.message);
  onFatal?.(error);
}
