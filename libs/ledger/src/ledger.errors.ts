import { DomainError } from '#libs/kernel';

/** The event that was sealed last is not in the event store: the store was replaced by an older or another one. */
export class SealedEventMissingError extends DomainError {
  readonly code = 'sealed-event-missing';
  readonly kind = 'unavailable';
  constructor(position: number) {
    super(
      `The event store does not hold the event that was sealed last (position: ${position}). Sealing has stopped. Restore the store and the sealed log to the same moment.`,
    );
  }
}
