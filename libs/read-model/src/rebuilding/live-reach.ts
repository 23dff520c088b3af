import { EVERY_PARTITION, PARTITIONS, partitionOf } from '#libs/bus';
import type { Queryable } from '#libs/database';
import { type Checkpoint, readCheckpoints } from '../projecting/checkpoints.js';
import type { Projection } from '../projecting/projection.js';

/** How far the live tables of a projection have come: not one position, since partitions go on each for itself. */
export interface Reach {
  /** Everything up to here is in the tables, whatever its partition. */
  readonly whole: Checkpoint;
  /** Nothing beyond is in them. */
  readonly furthest: number;
  /** Position up to which each partition is in them; 0–11. */
  readonly ofPartition: readonly number[];
}

/** Reads how far a projection has come. */
export async function readReach(client: Queryable, projection: Projection): Promise<Reach> {
  const checkpoints = await readCheckpoints(client);
  const ofPartition = Array.from(
    { length: PARTITIONS },
    (_, partition) => checkpoints.of(projection, partition).position,
  );
  return { whole: checkpoints.of(projection, EVERY_PARTITION), furthest: Math.max(...ofPartition), ofPartition };
}

/** Whether an event is within reach. */
export const reaches = (reach: Reach, { stream, position }: { readonly stream: string; readonly position: number }) =>
  position <= reach.whole.position ||
  (position <= reach.furthest && position <= (reach.ofPartition[partitionOf(stream)] as number));

/** Whether two reaches are the same. */
export const sameReach = (a: Reach, b: Reach): boolean =>
  a.ofPartition.every((position, partition) => position === b.ofPartition[partition]);
