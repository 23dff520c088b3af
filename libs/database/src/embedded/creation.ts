import { once } from 'node:events';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { workerFile } from '#libs/workers';
import { DatabaseUnavailableError } from '../database.errors.js';
import { type Migration, schemaDigest } from '../migrations.js';

/** Every PostgreSQL cluster has this file. */
const CLUSTER_MARK = 'PG_VERSION';

/**
 * Makes the folder of the embedded database if it is not there. It appears under its name only when it is complete and on the disk,
 * so a start that was interrupted leaves nothing half-made behind.
 * @param schema what the database will be migrated to: where there is a template that has it already, that is copied
 * @throws {DatabaseUnavailableError} when something else has this name
 */
export async function createIfAbsent(folder: string, schema: readonly Migration[] = []): Promise<void> {
  if (isCluster(folder)) return;
  if (fs.existsSync(folder)) {
    throw new DatabaseUnavailableError(
      `${folder} exists but holds no database. Move it away, or restore the whole data folder.`,
    );
  }
  const partial = `${folder}.partial`;
  fs.rmSync(partial, { recursive: true, force: true });
  await fillWithCluster(partial, schema);
  flushTree(partial);
  fs.renameSync(partial, folder);
  flush(dirname(folder));
}

/** Makes what a template holds, in an empty folder. */
export type FillTemplate = (folder: string) => Promise<void>;

/** Place of the template that has this schema already. */
export function templateOf(schema: readonly Migration[]): string {
  const { cache, version } = pglitePlace();
  const name = schema.length === 0 ? `pglite-${version}` : `pglite-${version}-${schemaDigest(schema)}`;
  return join(cache, name);
}

/**
 * Makes a template, once, in `node_modules/.cache`.
 * @returns its folder, or null where the cache cannot be written
 */
export async function keepTemplate(template: string, fill: FillTemplate): Promise<string | null> {
  if (isCluster(template)) return template;
  const cache = dirname(template);
  if (!writable(cache)) return null;
  const making = fs.mkdtempSync(join(cache, 'making-'));
  try {
    await fill(making);
  } catch (error) {
    fs.rmSync(making, { recursive: true, force: true });
    throw error;
  }
  return keep(making, template);
}

/** Makes the empty cluster that new databases are copied from, once per version of PGlite. Null where the cache cannot be written. */
export const keepEmptyTemplate = (): Promise<string | null> => keepTemplate(templateOf([]), initdb);

async function fillWithCluster(folder: string, schema: readonly Migration[]): Promise<void> {
  const ready = templateOf(schema);
  const template = isCluster(ready) ? ready : await keepEmptyTemplate();
  if (template === null) return initdb(folder);
  fs.cpSync(template, folder, { recursive: true });
  fs.chmodSync(folder, 0o700);
}

const isCluster = (folder: string) => fs.existsSync(join(folder, CLUSTER_MARK));

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
