import { DomainError } from '#libs/kernel';

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
