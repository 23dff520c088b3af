export {
  DatabaseNewerError,
  DatabaseUnavailableError,
  DataFolderInUseError,
  EmbeddedDatabaseStoppedError,
  LeaseLostError,
  MigrationChangedError,
  MigrationFailedError,
  StorageFullError,
  TransactionAbortedError,
} from './database.errors.js';
export {
  CONNECTION_WAIT_MS,
  type Database,
  type DatabaseLog,
  type Queryable,
  STATEMENT_TIMEOUT_MS,
  STATEMENT_WAIT_MS,
  TRANSACTION_WAIT_MS,
  type TransactionLimits,
} from './database.js';
export { dataFolderHolder, type FolderHolder } from './embedded/data-folder-lock.js';
export { type DatabaseTemplate, prepareTemplate } from './embedded/template.js';
export { type HoldLeaseOptions, holdLease, LEASE_RENEW_MS } from './hold-lease.js';
export { LEASE_TTL_MS, type Lease, type Leases, leases } from './leases.js';
export { databaseMigrations, type Migration, migrate } from './migrations.js';
export { type OpenDatabaseOptions, openDatabase } from './open-database.js';
export { probeStorage } from './probe-storage.js';
