import { createHash } from 'node:crypto';

/** Number of partitions that events are spread over. Fixed for ever: another number would move streams and break their order. */
export const PARTITIONS = 12;

/** Stands for all partitions together, where the carrier delivers the log as one. */
export const EVERY_PARTITION = -1;

/** Partition of a stream, 0–11: all events of a stream are in one, so their order is kept. Depends on the name alone, for ever. */
export function partitionOf(stream: string): number {
  return createHash('sha256').update(stream, 'utf8').digest().readUInt32BE(0) % PARTITIONS;
}
