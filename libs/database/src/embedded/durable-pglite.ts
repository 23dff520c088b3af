import { PGlite } from '@electric-sql/pglite';
import { NotDurableError } from '../database.errors.js';
import { DurableNodeFS } from './durable-node-fs.js';

/**
 * PGlite's own start parameters switch fsync off (`-F`). The memory is sized for a laptop: 128 MB of shared buffers would triple the
 * settled size of the process.
 */
const DURABLE_START = [
  ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
  ...['-c', 'wal_sync_method=fsync', '-c', 'synchronous_commit=on', '-c', 'full_page_writes=on'],
  ...['-c', 'shared_buffers=32MB'],
];

/** How to open the embedded database. */
export interface DurableOptions {
  /** Folder of a complete PostgreSQL cluster; see `creation.ts`. */
  readonly folder: string;
  /** Told when the disk refuses to flush, or PostgreSQL aborts: no answer may leave the process afterwards. */
  readonly onFailure: (reason: string) => void;
  /** For the test that shows that the self-test notices. */
  readonly startParams?: readonly string[];
}

/**
 * Opens the embedded PostgreSQL so that a resolved commit is on the disk, and proves it before anybody uses it.
 * @throws {NotDurableError} when commits do not reach the disk
 */
export async function openDurable({ folder, onFailure, startParams = DURABLE_START }: DurableOptions): Promise<PGlite> {
  const disk = new DurableNodeFS(folder, onFailure);
  const database = await PGlite.create({ fs: disk, relaxedDurability: false, startParams: [...startParams] });
  try {
    await proveDurable(database, disk);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** A transaction that writes only to the write-ahead log must make the disk flush before it answers. */
async function proveDurable(database: PGlite, disk: DurableNodeFS): Promise<void> {
  const { rows } = await database.query<{ fsync: string }>('show fsync');
  if (rows[0]?.fsync !== 'on') throw new NotDurableError('fsync is off');
  const before = disk.syncs;
  await database.query(`select pg_logical_emit_message(true, 'gatebook.boot', '')`);
  if (disk.syncs === before) throw new NotDurableError('a commit did not reach the disk');
}
