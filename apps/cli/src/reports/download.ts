import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { UndecidedError, WrongUseError } from '../command.js';
import type { ServerClient } from '../server-client.js';
import { type FileAtServer, pathOf, type ReportAtServer } from './report-at-server.js';

/** A file under way has another name, so that nobody takes half of it for the whole. */
const UNDER_WAY = '.part';

/** Names that files of reports have; nothing else is written into a folder. */
const FILE_NAME = /^[a-z][a-z-]{0,60}\.(csv|xlsx|json|html)$/;

/**
 * Fetches the files of a report into a folder, which is made if need be; a file that is there already is replaced once the new one is whole.
 * @throws {UndecidedError} when what arrived is not what was announced
 */
export async function downloadReport(
  server: ServerClient,
  { id, files, sheet }: ReportAtServer,
  folder: string,
): Promise<void> {
  await mkdir(folder, { recursive: true }).catch(() => {
    throw new WrongUseError(`The folder ${folder} cannot be made.`);
  });
  for (const file of sheet ? [...files, sheet] : files) await downloadFile(server, id, file, folder);
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
 * Fetches something into a file.
 * @returns SHA-256, hex, of what arrived
 * @throws {ServerRefusedError | UndecidedError}
 */
export async function download(server: ServerClient, url: string, path: string): Promise<string> {
  const hash = createHash('sha256');
  const bytes = await server.stream(url);
  await pipeline(
    bytes,
    async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(`${path}${UNDER_WAY}`),
  ).catch((cause: unknown) => {
    throw new UndecidedError(`The download to ${path} broke off. Try it again.`, { cause });
  });
  await rename(`${path}${UNDER_WAY}`, path);
  return hash.digest('hex');
}
