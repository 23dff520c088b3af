import { DomainError } from '#libs/kernel';
import { reasonOf } from './reason-of.js';

/** Another process, or another part of this one, has the data folder open. */
export class DataFolderInUseError extends DomainError {
  readonly code = 'data-folder-in-use';
  readonly kind = 'conflict';
  /**
   * @param folder the folder that was asked for
   * @param pid process that holds it, where it said so
   * @param serverUrl where that process serves, where it said so
   */
  constructor(
    readonly folder: string,
    readonly pid?: number,
    readonly serverUrl?: string,
  ) {
    const holder = pid === undefined ? 'another process' : `process ${pid}`;
    const served = serverUrl === undefined ? '' : `, serving at ${serverUrl}`;
    super(
      `The data folder ${folder} is in use by ${holder}${served}. Stop it first, go through its API, or choose another folder with GATEBOOK_DATA_DIR.`,
    );
  }
}

/** The database cannot be reached, or what answers cannot be used. */
export class DatabaseUnavailableError extends DomainError {
  readonly code = 'database-unavailable';
  readonly kind = 'unavailable';
  constructor(problem: string, cause?: unknown) {
    super(problem);
    this.cause = cause;
  }
}

/** The disk of the database is full. What was asked for did not happen, not even in part. */
export class StorageFullError extends DomainError {
  readonly code = 'storage-full';
  readonly kind = 'unavailable';
  constructor(cause?: unknown) {
    super(
      'The database has no space left, so nothing was recorded. Free space on its disk, then repeat the request with the same Idempotency-Key.',
    );
    this.cause = cause;
  }
}

/** The embedded database would not survive a power cut, so it must not acknowledge anything. */
export class NotDurableError extends DomainError {
  readonly code = 'database-not-durable';
  readonly kind = 'unavailable';
  constructor(reason: string) {
    super(
      `The embedded database is not durable: ${reason}. Reinstall the exact dependencies with npm ci, or set DATABASE_URL.`,
    );
  }
}

/** The embedded database stopped by itself. What it acknowledged is on disk; the process must be started again. */
export class EmbeddedDatabaseStoppedError extends DomainError {
  readonly code = 'embedded-database-stopped';
  readonly kind = 'unavailable';
  constructor(reason: string) {
    super(
      `The embedded database stopped: ${reason}. What was acknowledged is on disk. Check free space and health of the disk, then start again.`,
    );
  }
}

/** A statement of a transaction failed and its error was swallowed, so PostgreSQL rolled back where a commit was asked for. */
export class TransactionAbortedError extends DomainError {
  readonly code = 'transaction-aborted';
  readonly kind = 'unavailable';
  constructor() {
    super('A statement of the transaction had failed, so nothing was committed. Repeat the request.');
  }
}

/** A migration that a database has already run was changed afterwards. */
export class MigrationChangedError extends DomainError {
  readonly code = 'migration-changed';
  readonly kind = 'conflict';
  constructor(name: string) {
    super(
      `Migration ${name} has been applied to this database with another text. Released migrations are never edited: restore its text and add a new one.`,
    );
  }
}

/** The database was migrated by a later version of the software. */
export class DatabaseNewerError extends DomainError {
  readonly code = 'database-newer-than-software';
  readonly kind = 'conflict';
  constructor(names: readonly string[]) {
    super(
      `The database is newer than this software (migrations unknown here: ${names.join(', ')}). Start the later version, or restore a backup made by this one.`,
    );
  }
}

/** A migration failed; it was rolled back and those before it stay applied. */
export class MigrationFailedError extends DomainError {
  readonly code = 'migration-failed';
  readonly kind = 'unavailable';
  constructor(name: string, cause: unknown) {
    super(`Migration ${name} failed and was rolled back: ${reasonOf(cause)}. Correct what it says and start again.`);
    this.cause = cause;
  }
}

/** Somebody else holds the role now; whatever this holder was writing must not be committed. */
export class LeaseLostError extends DomainError {
  readonly code = 'lease-lost';
  readonly kind = 'conflict';
  constructor(role: string, epoch: number) {
    super(
      `The lease was lost (role: ${role}, epoch: ${epoch}). Nothing of this transaction was kept; the new holder goes on.`,
    );
  }
}
