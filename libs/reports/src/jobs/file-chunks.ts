import type { Queryable } from '#libs/database';
import { unpack } from './packing.js';

/** Bytes of a file that are kept together. */
export const FILE_CHUNK_BYTES = 256 * 1024;

/**
 * Cuts what comes in pieces of any size into chunks of `FILE_CHUNK_BYTES`, the last one smaller. All of them are made in one place: each
 * holds until the next one is asked for, so that a file of any size costs the memory of one chunk.
 */
export async function* inFileChunks(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const chunk = Buffer.allocUnsafeSlow(FILE_CHUNK_BYTES);
  let filled = 0;
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      const copied = piece.copy(chunk, filled, at);
      at += copied;
      filled += copied;
      if (filled < FILE_CHUNK_BYTES) continue;
      yield chunk;
      filled = 0;
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled);
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
