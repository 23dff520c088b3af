import type { Queryable } from '#libs/database';
import { type Checkpoint, readCheckpoints } from './projecting/checkpoints.js';
import { PROJECTIONS } from './projections.js';

/** How far the read model has come: what every projection has taken in, in every partition. */
export async function readPosition(database: Queryable): Promise<Checkpoint> {
  return (await readCheckpoints(database)).lowest(PROJECTIONS);
}
