import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { reportIn } from '#libs/reports';
import { UndecidedError, WrongUseError } from '../command.js';
import type { ServerClient } from '../server-client.js';
import { type FileAtServer, pathOf, type ReportAtServer } from './report-at-server.js';

/** A file under way has another name, so that nobody takes half of it for the whole. */
const UNDER_WAY = '.part';

/** Reports tell of people: what is written is for whoever asked, as the data folder is. */
const OWN_FILE = 0o600;
const OWN_FOLDER = 0o700;

/** What a disk says that takes no more; anything else comes from the way. */
const NOT_WRITTEN: ReadonlySet<string | undefined> = new Set(['EDQUOT', 'EFBIG', 'EIO', 'ENOSPC', 'EROFS']);

/** Names that files of reports have; nothing else is written into a folder. */
const FILE_NAME = /^[a-z][a-z-]{0,60}\.(csv|xlsx|json|html)$/;

/**
 * Keeps the files of two reports apart: mixed in one folder, neither could be verified.
 * @param id the report to be fetched; null for one that is still to be made, which no folder holds yet
 * @throws {WrongUseError} when the folder holds the sheet of another
 */
export async function refuseFolderOfAnother(folder: string, id: string | null): Promise<void> {
  const held = await reportIn(folder);
  if (held !== null && held !== id)
    throw new WrongUseError(`The folder ${folder} holds the report ${held}. Name another folder, or empty this one.`);
}

/**
 * Fetches the files of a report into a folder, which is made if need be; a file that is there already is replaced once the new one is whole.
 * @throws {UndecidedError} when what arrived is not what was announced
 */
export async function downloadReport(
  server: ServerClient,
  { id, files, sheet }: ReportAtServer,
  folder: string,
): Promise<void> {
  const made = await mkdir(folder, { recursive: true, mode: OWN_FOLDER }).catch(() => {
    throw new WrongUseError(`The folder ${folder} cannot be made.`);
  });
  try {
    for (const file of sheet ? [...files, sheet] : files) await downloadFile(server, id, file, folder);
  } catch (error) {
    if (made !== undefined) await rmdir(folder).catch(() => {}); // one that has something in it stays
    throw error;
  }
}

async function downloadFile(
  server: ServerClient,
  id: string,
  { name, sha256 }: FileAtServer,
  folder: string,
): Promise<void> {
  if (!FILE_NAME.test(name)) throw new UndecidedError('The server names a file as no report does.');
  const arrived = await download(server, `${pathOf(id)}/files/${name}`, join(folder, name));
  if (arrived !== sha256) throw new UndecidedError(`${name} arrived with other bytes than announced. Fetch it again.`);
}

/**
 * Fetches something into a file. The file is opened before anything is asked: what the server gives out, it records.
 * @returns SHA-256, hex, of what arrived
 * @throws {ServerRefusedError | UndecidedError}
 */
export async function download(server: ServerClient, url: string, path: string): Promise<string> {
  const part = `${path}${UNDER_WAY}`;
  const file = await open(part, 'w', OWN_FILE).catch((cause: unknown) => {
    throw cannotBeWritten(path, cause);
  });
  try {
    const sha256 = await pour(await server.stream(url), file, path);
    await rename(part, path);
    return sha256;
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** @returns SHA-256, hex, of what went into the file */
async function pour(bytes: AsyncIterable<Uint8Array>, file: FileHandle, path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(
    bytes,
    async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
    },
    file.createWriteStream(),
  ).catch((cause: unknown) => {
    if (NOT_WRITTEN.has(codeOf(cause))) throw cannotBeWritten(path, cause);
    throw new UndecidedError(`The download to ${path} broke off. Try it again.`, { cause });
  });
  return hash.digest('hex');
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

const cannotBeWritten = (path: string, cause: unknown): UndecidedError =>
  new UndecidedError(`${path} cannot be written (${codeOf(cause)}). Look at its folder and at the room on the disk.`, {
    cause,
  });
