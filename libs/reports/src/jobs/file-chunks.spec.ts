import * as fc from 'fast-check';
import { FILE_CHUNK_BYTES, inFileChunks } from './file-chunks.js';

/** As many bytes, with no short pattern in them. */
const bytesOf = (length: number): Buffer =>
  Buffer.from(Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 8)) & 0xff));

async function* inPieces(whole: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (let nth = 0; at < whole.length; nth += 1) {
    const size = sizes[nth % sizes.length] ?? whole.length;
    yield whole.subarray(at, at + size);
    at += size;
  }
}

describe('a file in chunks', () => {
  it('is the same bytes, whatever pieces they came in, and every chunk but the last is full', () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom(0, 1, FILE_CHUNK_BYTES - 1, FILE_CHUNK_BYTES, FILE_CHUNK_BYTES + 1, 3 * FILE_CHUNK_BYTES + 7),
        fc.array(fc.integer({ min: 1_000, max: 2 * FILE_CHUNK_BYTES }), { minLength: 1, maxLength: 5 }),
        async (length, sizes) => {
          const whole = bytesOf(length);
          const chunks: Buffer[] = [];
          for await (const chunk of inFileChunks(inPieces(whole, sizes))) chunks.push(Buffer.from(chunk));
          expect(Buffer.concat(chunks).equals(whole)).toBe(true);
          expect(chunks.slice(0, -1).every((chunk) => chunk.length === FILE_CHUNK_BYTES)).toBe(true);
          expect(chunks).toHaveLength(Math.ceil(length / FILE_CHUNK_BYTES));
        },
      ),
      { seed: 71, numRuns: 60 },
    ));

  it('takes the memory of one chunk, however many there are', async () => {
    const places = new Set<ArrayBufferLike>();
    for await (const chunk of inFileChunks(inPieces(bytesOf(4 * FILE_CHUNK_BYTES + 1), [70_000])))
      places.add(chunk.buffer);
    expect(places.size).toBe(1);
  });
});
