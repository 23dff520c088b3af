import type { Database } from '#libs/database';
import { PROJECTIONS } from './index.js';

/** Takes every row and every checkpoint away. */
export async function emptyReadModel(database: Database): Promise<void> {
  for (const table of PROJECTIONS.flatMap(({ tables }) => tables)) await database.query(`truncate ${table.name}`);
  await database.query('truncate read_model.checkpoints, read_model.parked');
}
