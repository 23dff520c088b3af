import { DomainError } from '#libs/kernel';

/** The keyring cannot be used: absent, damaged, or open to others. The server does not start. */
export class KeyringUnusableError extends DomainError {
  readonly code = 'keyring-unusable';
  readonly kind = 'unavailable';
  constructor(where: string, reason: string) {
    super(`The keyring ${where} cannot be used: ${reason}`);
  }
}

/** The database has a keyring, and there is none at the place named. A new one could open nothing in it, so none is made. */
export class KeyringMissingError extends DomainError {
  readonly code = 'keyring-missing';
  readonly kind = 'unavailable';
  constructor(path: string) {
    super(
      `This database was encrypted under a keyring that is not at ${path}. ` +
        'Set GATEBOOK_KEYRING to where it is, or restore it from its backup. No new one was made.',
    );
  }
}

/** The database was written under another keyring. Starting anyway would make people unknown and their data unreadable. */
export class KeyringMismatchError extends DomainError {
  readonly code = 'keyring-mismatch';
  readonly kind = 'unavailable';
  constructor(stored: string, given: string) {
    super(
      `This keyring (fingerprint ${given}) is not the one that the database was made with (fingerprint ${stored}). ` +
        'Point GATEBOOK_KEYRING at the keyring that belongs to this database, or use another database.',
    );
  }
}

/** A wrapped key or secret does not open under this keyring: damaged, moved to another place, or its key-encryption key is gone. */
export class UnwrapError extends DomainError {
  readonly code = 'unwrap-failed';
  readonly kind = 'unavailable';
  constructor(reason: string) {
    super(
      `A key in the vault cannot be unwrapped: ${reason} Restore the keyring and the database from the same backup.`,
    );
  }
}

/** The person was erased: nothing personal may be recorded about this subject again. */
export class SubjectErasedError extends DomainError {
  readonly code = 'subject-erased';
  readonly kind = 'conflict';
  override readonly details: { readonly subject: string };
  constructor(subject: string) {
    super(
      `This person was erased, and nothing more may be recorded about them (subject: ${subject}). Use a new account.`,
    );
    this.details = { subject };
  }
}

/** A ciphertext does not belong where it was found, or was changed. */
export class CiphertextRejectedError extends DomainError {
  readonly code = 'ciphertext-rejected';
  readonly kind = 'unavailable';
  constructor(eventId: string, field: string) {
    super(
      `A personal field does not decrypt: it was changed or moved (event: ${eventId}, field: ${field}). Verify the log.`,
    );
  }
}

/** The catalogue does not know this event type. */
export class UnknownEventTypeError extends DomainError {
  readonly code = 'unknown-event-type';
  readonly kind = 'unavailable';
  constructor(type: string) {
    super(`This software does not know events of type ${type}. Update it to the version that recorded them.`);
  }
}

/** The event was written by newer software. */
export class NewerSchemaVersionError extends DomainError {
  readonly code = 'newer-schema-version';
  readonly kind = 'unavailable';
  constructor(type: string, found: number, known: number) {
    super(`An event of type ${type} has schema version ${found}, and this software knows up to ${known}. Update it.`);
  }
}

/** An event in the making does not match its schema: a defect of this software; nothing was appended. Values are never quoted. */
export class EventRejectedError extends DomainError {
  readonly code = 'event-rejected';
  readonly kind = 'unavailable';
  constructor(type: string, problems: readonly string[]) {
    super(
      `An event of type ${type} does not match its schema and was not recorded: ${problems.slice(0, 5).join('; ')}`,
    );
  }
}

/** A secret value cannot be kept. The value is never quoted. */
export class SecretValueRefusedError extends DomainError {
  readonly code = 'secret-value-refused';
  readonly kind = 'invalid';
  constructor(reason: string) {
    super(`This secret cannot be kept: ${reason} Check what was pasted or which file was named.`);
  }
}

/** Settings name a secret that the vault does not hold. */
export class SecretValueMissingError extends DomainError {
  readonly code = 'secret-value-missing';
  readonly kind = 'unavailable';
  constructor(tenant: string) {
    super(
      `A secret that the settings name is not in the vault (tenant: ${tenant}). Hand it in again, or restore the database from its backup.`,
    );
  }
}

/** Too many generations of one key are kept. */
export class KeyPairsFullError extends DomainError {
  readonly code = 'key-pairs-full';
  readonly kind = 'conflict';
  constructor(tenant: string, purpose: string, limit: number) {
    super(
      `There are ${limit} generations of this key already (tenant: ${tenant}, purpose: ${purpose}). Discard retired ones, then rotate again.`,
    );
  }
}
