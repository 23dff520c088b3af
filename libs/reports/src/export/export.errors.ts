import { DomainError } from '#libs/kernel';

/** An export was asked for up to, or after, a position that the log does not have yet. */
export class ExportBeyondLogError extends DomainError {
  readonly code = 'export-beyond-log';
  readonly kind = 'unprocessable';
  /** @param last the last position of the sealed log; -1 for an empty one */
  constructor(field: 'after' | 'through', asked: number, last: number) {
    super(
      `${field}: the log ends at position ${last}, before ${asked}. Leave ${field} out, or name a position that the log has.`,
    );
  }
}

/** The store does not hold what was sealed: an export that left it out would look complete. */
export class ExportBrokenError extends DomainError {
  readonly code = 'export-broken';
  readonly kind = 'conflict';
  constructor(position: number) {
    super(
      `The store lacks an event that was sealed (position ${position}). Run gatebook verify, and restore the store from a newer backup.`,
    );
  }
}
