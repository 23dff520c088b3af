import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';

/** One file of an archive; its pieces are read when the files before it are written. */
export interface ZipEntry {
  readonly path: string;
  readonly pieces: AsyncIterable<Buffer> | Iterable<Buffer>;
}

/** Bytes that are compressed at a time: always as many, so that the pieces of a file leave no trace. */
const STRETCH_BYTES = 65_536;

/** The same for every file: midnight of the first day that an archive can hold, which it does as the clock of this process shows it. */
const ATTRIBUTES = { mtime: new Date(1980, 0, 1), mode: 0o100644, forceDosTimestamp: true };

/**
 * An archive of these files, in pieces, without holding any of them. Equal files give equal bytes, with the same version of Node: compression
 * is its own.
 * @throws whatever reading an entry throws
 */
export async function* zip(entries: readonly ZipEntry[]): AsyncGenerator<Buffer> {
  const archive = new ZipFile();
  const sources = entries.map(({ path, pieces }) => ({ path, stream: Readable.from(stretches(pieces)) }));
  const output = archive.outputStream as Readable;
  const fail = (error: Error) => output.destroy(error);
  archive.on('error', fail);
  for (const { path, stream } of sources) archive.addReadStream(stream.on('error', fail), path, ATTRIBUTES);
  archive.end();
  try {
    for await (const bytes of output) yield bytes as Buffer;
  } finally {
    for (const { stream } of sources) stream.destroy();
  }
}

/** The same bytes, cut into equal stretches. */
async function* stretches(pieces: ZipEntry['pieces']): AsyncGenerator<Buffer> {
  let held = Buffer.alloc(0);
  for await (const piece of pieces) {
    held = Buffer.concat([held, piece]);
    let taken = 0;
    for (; held.length - taken >= STRETCH_BYTES; taken += STRETCH_BYTES)
      yield held.subarray(taken, taken + STRETCH_BYTES);
    held = held.subarray(taken);
  }
  if (held.length > 0) yield held;
}
