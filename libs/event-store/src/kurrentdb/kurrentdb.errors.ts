import { DomainError } from '#libs/kernel';

const EXAMPLE = 'kurrentdb://user:password@events.example.org:2113?tls=true';

/** The given URL of an event store cannot be used. Says why and what to write instead; never repeats a password. */
export class EventStoreUrlError extends DomainError {
  readonly code = 'event-store-url';
  readonly kind = 'invalid';
  constructor(what: string) {
    super(`The URL of the event store cannot be used: ${what} Example: ${EXAMPLE}`);
  }
}

/** The server answers, but not as Gatebook needs it: somebody who runs it has to act. Nothing was appended. */
export class EventStoreRefusedError extends DomainError {
  readonly code = 'event-store-refused';
  readonly kind = 'unavailable';
  /** @param what what is wrong and how to mend it: places and names, no personal data and no password */
  constructor(what: string, cause?: unknown) {
    super(`The event store cannot be used as it is: ${what}`);
    this.cause = cause;
  }
}
