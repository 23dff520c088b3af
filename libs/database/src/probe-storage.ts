import type { Database } from './database.js';

/** Rows of the probe: some 700 kB, more than the room that PostgreSQL may have left in files that it has already. */
const PROBE_ROWS = 20_000;

/** Ends the transaction so that nothing of the probe stays. */
class ProbeDone extends Error {}

/**
 * Finds out whether the disk has room, by making a table of its own and dropping it with the transaction; nobody ever sees it.
 * @throws {StorageFullError} when it has none
 */
export async function probeStorage(database: Pick<Database, 'transaction'>): Promise<void> {
  try {
    await database.transaction(async (client) => {
      await client.query(`create table database.storage_probe as select n from generate_series(1, ${PROBE_ROWS}) n`);
      throw new ProbeDone();
    });
  } catch (error) {
    if (!(error instanceof ProbeDone)) throw error;
  }
}
