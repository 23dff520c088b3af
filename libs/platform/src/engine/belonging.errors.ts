import { DomainError } from '#libs/kernel';

/** Database, event store and keyring are not those of one installation. Nothing was changed. */
export class InstallationMismatchError extends DomainError {
  readonly code = 'installation-mismatch';
  readonly kind = 'conflict';

  /** The log begins with something else. */
  static foreignLog(firstType: string): InstallationMismatchError {
    return new InstallationMismatchError(
      `The event log does not begin with ${firstType}: it belongs to other software. Check EVENT_STORE_URL.`,
    );
  }

  /** Each belongs to an installation, and not to the same one. */
  static between(ofDatabase: string, ofLog: string): InstallationMismatchError {
    return new InstallationMismatchError(
      `The database belongs to installation ${ofDatabase} and the event log to installation ${ofLog}: they do not belong together. Check DATABASE_URL or GATEBOOK_DATA_DIR, and EVENT_STORE_URL.`,
    );
  }

  /** The log has begun without this database, which therefore has none of its keys. */
  static keysLost(ofLog: string): InstallationMismatchError {
    return new InstallationMismatchError(
      `The event log belongs to installation ${ofLog}, and this database is a new one: it holds none of the keys that the log is encrypted under. Restore the database from its backup; to begin another installation, name an empty event store with EVENT_STORE_URL.`,
    );
  }

  /** The database has lived with a log, and the store has none. */
  static logLost(ofDatabase: string): InstallationMismatchError {
    return new InstallationMismatchError(
      `The database belongs to installation ${ofDatabase}, whose log has begun, and the event store is empty. No second log is begun: check EVENT_STORE_URL, or restore the event store from its backup.`,
    );
  }

  /** The store is joined with another database. */
  static otherDatabase(installation: string): InstallationMismatchError {
    return new InstallationMismatchError(
      `The event store of installation ${installation} is joined with another database than this one; two databases beside one log would disagree about who is who. Let all processes use the same DATABASE_URL: an embedded database serves a single process.`,
    );
  }
}
