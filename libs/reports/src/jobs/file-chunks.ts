import type { Queryable } from '#libs/database';
import { unpack } from './packing.js';

/** Bytes of a file that are kept together. */
export const FILE_CHUNK_BYTES = 256 * 1024;

/** Cuts what comes in pieces of any size into chunks of `FILE_CHUNK_BYTES`, the last one smaller. */
export async function* inFileChunks(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    held.push(piece);
    bytes += piece.length;
    if (bytes < FILE_CHUNK_BYTES) continue;
    const whole = Buffer.concat(held);
    const end = bytes - (bytes % FILE_CHUNK_BYTES);
    for (let at = 0; at < end; at += FILE_CHUNK_BYTES) yield whole.subarray(at, at + FILE_CHUNK_BYTES);
    held = [Buffer.from(whole.subarray(end))];
    bytes -= end;
  }
  if (bytes > 0) yield Buffer.concat(held);
}

/**
 * The bytes of a complete file, chunk by chunk.
 * @param bytes how many there must be
 * @throws {Error} when some are missing: whoever receives them must not take the beginning for the whole
 */
export async function* readFileChunks(
  database: Queryable,
  { job, name, bytes }: { readonly job: string; readonly name: string; readonly bytes: number },
): AsyncGenerator<Buffer> {
  let sent = 0;
  for (let chunk = 0; sent < bytes; chunk += 1) {
    const { rows } = await database.query<{ data: Buffer }>({
      name: 'reports.file_chunk',
      text: 'select data from reports.file_chunks where job = $1 and name = $2 and chunk = $3',
      values: [job, name, chunk],
    });
    if (!rows[0]) throw new Error(`A part of the file is missing (report: ${job}, file: ${name}, chunk: ${chunk}).`);
    const part = unpack(rows[0].data);
    sent += part.length;
    yield part;
  }
}
