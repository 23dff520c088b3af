import type { Message } from 'kafkajs';
import { PARTITIONS, partitionOf } from '../partitions.js';
import { BEFORE_SEALED, type SealedBatch } from '../sealed-events.port.js';
import { toRecord } from './cloud-event.js';
import type { RecordsByPartition } from './publish-requests.js';
import { tickRecord } from './tick.js';

/** How far a topic is published. Arrays by partition. */
export interface Publishing {
  /** Everything up to this position of the sealed log is acknowledged. */
  readonly position: number;
  /** Likewise in the store's order. */
  readonly storePosition: number;
  /** Of the last event of each partition; -1 before the first. Follows from the sealed log alone, so publishing again gives the same. */
  readonly sequences: readonly number[];
  /** Position of the last event of each partition; -1 before the first. */
  readonly positions: readonly number[];
  /** Offset of the last acknowledged record of each partition; -1 where it is unknown. */
  readonly offsets: readonly number[];
}

/** A value for each partition. */
export const inEachPartition = (value: number): readonly number[] => Array.from({ length: PARTITIONS }, () => value);

/** Before the first event. */
export const NOTHING_PUBLISHED: Publishing = {
  position: BEFORE_SEALED,
  storePosition: -1,
  sequences: inEachPartition(-1),
  positions: inEachPartition(-1),
  offsets: inEachPartition(-1),
};

/**
 * The records of the next batch, by partition: its events, and behind them a tick for every partition, in one request, since a partition
 * keeps the order in which its records are written.
 */
export function recordsOf(
  batch: Pick<SealedBatch, 'events' | 'sealedThrough' | 'storeThrough'>,
  done: Publishing,
  installation: string,
): { readonly records: RecordsByPartition; readonly done: Publishing } {
  const sequences = [...done.sequences];
  const positions = [...done.positions];
  const records: Message[][] = sequences.map(() => []);
  for (const event of batch.events) {
    const partition = partitionOf(event.stream);
    const place = { sequence: (sequences[partition] ?? -1) + 1, previous: positions[partition] ?? -1 };
    records[partition]?.push(toRecord(event, place, installation));
    sequences[partition] = place.sequence;
    positions[partition] = event.position;
  }
  const { sealedThrough, storeThrough } = batch;
  for (const [partition, messages] of records.entries()) {
    const [sequence, position] = [sequences[partition] ?? -1, positions[partition] ?? -1];
    messages.push(tickRecord({ sealedThrough, storeThrough, sequence, position }, installation));
  }
  const through = { position: sealedThrough, storePosition: storeThrough };
  return { records, done: { ...through, sequences, positions, offsets: done.offsets } };
}
