import { DomainError } from '#libs/kernel';

/** Somebody works with the database. */
export class InstallationRunningError extends DomainError {
  readonly code = 'installation-running';
  readonly kind = 'conflict';
  /** @param sign how it showed */
  constructor(sign: string) {
    super(
      `Servers of this installation are running (${sign}). Nothing was changed: stop them all, wait ten seconds, and run the same command again.`,
    );
  }
}

/** The store to move to is not a copy of the one that the database works with. */
export class StoreNotCopiedError extends DomainError {
  readonly code = 'store-not-copied';
  readonly kind = 'conflict';
  /** @param position in the sealed log where they part */
  constructor(position: number) {
    super(
      `The store does not hold the log that this database has sealed: they part at position ${position}. Nothing was changed. Copy the store that the installation works with.`,
    );
  }
}

/** The database remembers more places in the store than are moved at once. */
export class TooManyPlacesError extends DomainError {
  readonly code = 'too-many-places';
  readonly kind = 'tooLarge';
  /** @param limit most rows of one table */
  constructor(table: string, limit: number) {
    super(
      `More than ${limit} rows of ${table} name places in the store. Nothing was changed. Start the servers, replay parked events (gatebook parked replay), and try again.`,
    );
  }
}
