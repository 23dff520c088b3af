import { createHash, randomUUID } from 'node:crypto';
import { lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { EvidenceFile } from '../evidence.js';
import { ReportDeliveryError } from './delivery.errors.js';

/** Arrives last: a folder that has it has everything. */
const SHEET = 'evidence.json';

/** Names that a path may be made of; none begins with a dot, so none leads anywhere else. */
const NAME = /^[a-z0-9][A-Za-z0-9._-]{0,120}$/;

/** What is being written, and is nothing yet. */
const PART = /^\..+\.part$/;

const DIRECTORY_MODE = 0o750;
const FILE_MODE = 0o640;

/** A report that goes to a folder. */
export interface FolderDelivery {
  /** Must be there already: a place that is not mounted is not mistaken for an empty one. */
  readonly root: string;
  /** Folders below the root, made if need be. */
  readonly path: readonly string[];
  readonly files: readonly Pick<EvidenceFile, 'name' | 'sha256' | 'bytes'>[];
  /** The bytes of a file. */
  readonly read: (file: Pick<EvidenceFile, 'name' | 'bytes'>) => AsyncIterable<Buffer>;
}

/**
 * Writes the files of a report into a folder of its own: each under another name first, made durable and then renamed, `evidence.json` last.
 * A folder that has it is whole, whatever happens meanwhile. Done again, the folder holds the same.
 * @throws {ReportDeliveryError} `folder-unwritable`, or `delivery-failed` when the bytes are not those that were recorded
 */
export async function deliverToFolder({ root, path, files, read }: FolderDelivery): Promise<void> {
  const folder = await folderBelow(root, path);
  await clearParts(folder);
  const sheet = files.filter(({ name }) => name === SHEET);
  for (const file of files.filter(({ name }) => name !== SHEET)) await writeWhole(folder, file, read);
  await makeDurable(folder);
  for (const file of sheet) await writeWhole(folder, file, read);
  await makeDurable(folder);
}

/** Goes down name by name: a link on the way is no folder. */
async function folderBelow(root: string, path: readonly string[]): Promise<string> {
  if (!path.every((name) => NAME.test(name)))
    throw new TypeError('A folder for reports has a name that leads elsewhere.');
  return onDisk(async () => {
    let folder = root;
    if (!(await lstat(`${root}/.`)).isDirectory()) throw new Error('The root is no folder.');
    for (const name of path) {
      folder = join(folder, name);
      await mkdir(folder, { mode: DIRECTORY_MODE }).catch(unlessThere);
      if (!(await lstat(folder)).isDirectory()) throw new Error('Something else has the name of the folder.');
    }
    return folder;
  });
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

/** What a process left that ended in the middle. */
async function clearParts(folder: string): Promise<void> {
  await onDisk(async () => {
    for (const name of await readdir(folder)) if (PART.test(name)) await rm(join(folder, name), { force: true });
  });
}

async function writeWhole(folder: string, file: FolderDelivery['files'][number], read: FolderDelivery['read']) {
  if (!NAME.test(file.name)) throw new TypeError('A file of a report has a name that leads elsewhere.');
  const part = join(folder, `.${file.name}.${randomUUID()}.part`);
  try {
    const sha256 = await writePart(part, read(file));
    if (sha256 !== file.sha256) throw new ReportDeliveryError('delivery-failed', false);
    await onDisk(() => rename(part, join(folder, file.name)));
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined);
    throw error;
  }
}

async function writePart(path: string, chunks: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash('sha256');
  const handle = await onDisk(() => open(path, 'wx', FILE_MODE));
  try {
    for await (const chunk of chunks) {
      hash.update(chunk);
      await onDisk(() => handle.writeFile(chunk));
    }
    await onDisk(() => handle.sync());
  } finally {
    await handle.close();
  }
  return hash.digest('hex');
}

async function makeDurable(folder: string): Promise<void> {
  await onDisk(async () => {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
}

/** Full, read-only, gone: all of it may pass, and none of it is told with its path. */
async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new ReportDeliveryError('folder-unwritable', false, { cause: error });
  }
}
