import type { Queryable } from '#libs/database';
import { type Checkpoint, lowest, readCheckpoints } from './projecting/checkpoints.js';
import { PROJECTIONS } from './projections.js';

/** How far the read model has come: what every projection has taken in. */
export async function readPosition(database: Queryable): Promise<Checkpoint> {
  return lowest((await readCheckpoints(database, PROJECTIONS)).values());
}
