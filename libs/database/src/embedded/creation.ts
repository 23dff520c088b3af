import { once } from 'node:events';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { workerFile } from '#libs/workers';
import { DatabaseUnavailableError } from '../database.errors.js';

/** Every PostgreSQL cluster has this file. */
const CLUSTER_MARK = 'PG_VERSION';

/**
 * Makes the folder of the embedded database if it is not there. It appears under its name only when it is complete and on the disk,
 * so a start that was interrupted leaves nothing half-made behind.
 * @throws {DatabaseUnavailableError} when something else has this name
 */
export async function createIfAbsent(folder: string): Promise<void> {
  if (fs.existsSync(join(folder, CLUSTER_MARK))) return;
  if (fs.existsSync(folder)) {
    throw new DatabaseUnavailableError(
      `${folder} exists but holds no database. Move it away, or restore the whole data folder.`,
    );
  }
  const partial = `${folder}.partial`;
  fs.rmSync(partial, { recursive: true, force: true });
  await fillWithCluster(partial);
  flushTree(partial);
  fs.renameSync(partial, folder);
  flush(dirname(folder));
}

/**
 * Makes the empty cluster that new databases are copied from, once per version of PGlite, in `node_modules/.cache`.
 * Called by the build, so that a first start takes half a second instead of four.
 * @returns its folder, or null where the cache cannot be written
 */
export async function prepareTemplate(): Promise<string | null> {
  const { cache, version } = pglitePlace();
  const template = join(cache, `pglite-${version}`);
  if (fs.existsSync(join(template, CLUSTER_MARK))) return template;
  if (!writable(cache)) return null;
  const making = fs.mkdtempSync(join(cache, 'making-'));
  try {
    await initdb(making);
  } catch (error) {
    fs.rmSync(making, { recursive: true, force: true });
    throw error;
  }
  return keep(making, template);
}

async function fillWithCluster(folder: string): Promise<void> {
  const template = await prepareTemplate();
  if (template === null) return initdb(folder);
  fs.cpSync(template, folder, { recursive: true });
  fs.chmodSync(folder, 0o700);
}

/** When another process was quicker its template is as good. */
function keep(making: string, template: string): string {
  try {
    fs.renameSync(making, template);
  } catch {
    fs.rmSync(making, { recursive: true, force: true });
  }
  return template;
}

async function initdb(folder: string): Promise<void> {
  const worker = new Worker(workerFile(import.meta.url, './initdb.worker.js'), { workerData: { folder } });
  const [exitCode] = await once(worker, 'exit');
  if (exitCode !== 0)
    throw new DatabaseUnavailableError('The embedded database could not be created. Look at the message above.');
}

function pglitePlace(): { cache: string; version: string } {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  const home = dirname(dirname(entry));
  const { version } = JSON.parse(fs.readFileSync(join(home, 'package.json'), 'utf8')) as { version: string };
  return { cache: join(dirname(dirname(home)), '.cache', 'gatebook'), version };
}

function writable(folder: string): boolean {
  try {
    fs.mkdirSync(folder, { recursive: true });
    fs.accessSync(folder, fs.constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** PGlite does not flush what initdb writes, and a copy is not flushed either: about 1,000 files, 0.3 s. */
function flushTree(folder: string): void {
  for (const entry of fs.readdirSync(folder, { recursive: true, withFileTypes: true }))
    flush(join(entry.parentPath, entry.name));
  flush(folder);
}

function flush(path: string): void {
  const folder = fs.statSync(path).isDirectory();
  if (folder && process.platform === 'win32') return;
  const descriptor = fs.openSync(path, folder ? 'r' : 'r+');
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}
