import { constants, gunzipSync, gzipSync } from 'node:zlib';

/** Most bytes that one part is, unpacked. More means that it is none of ours. */
export const PART_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Packs a part for the database; speed counts for more than the last bytes. In the thread of the caller, since parts are small (some
 * milliseconds) and what other threads set aside for it stays with them.
 */
export function pack(part: Buffer): Buffer {
  return gzipSync(part, { level: constants.Z_BEST_SPEED });
}

/** What was packed. @throws {RangeError} beyond `PART_BYTES_MAX` */
export function unpack(packed: Buffer): Buffer {
  return gunzipSync(packed, { maxOutputLength: PART_BYTES_MAX });
}
