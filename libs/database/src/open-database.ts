import type { Database } from './database.js';
import { type EmbeddedOptions, openEmbedded } from './embedded/open-embedded.js';
import { openPostgres } from './postgres/open-postgres.js';

/** Which database to open. */
export interface OpenDatabaseOptions extends EmbeddedOptions {
  /** A PostgreSQL of its own; absent or empty: the embedded one in `dataDir`. */
  readonly url?: string;
}

/**
 * Opens the database: the PostgreSQL at `url`, or else the embedded one, which is created when absent and proves before the first
 * statement that its commits reach the disk. Both take the same SQL through the same driver.
 * @throws {DataFolderInUseError} when another process holds the data folder
 * @throws {DatabaseUnavailableError} when it cannot be reached or started
 */
export function openDatabase({ url, ...embedded }: OpenDatabaseOptions): Promise<Database> {
  return url ? openPostgres({ url, log: embedded.log }) : openEmbedded(embedded);
}
