import { DomainError } from '#libs/kernel';

/** A notice for a connection that takes none of this kind. */
export class SignalsNotConfiguredError extends DomainError {
  readonly code = 'signals-not-configured';
  readonly kind = 'notFound';
  constructor() {
    super('There is no connection here that takes such notices. Check the address, and signals in its settings.');
  }
}

/** Whoever sends a notice does not show the secret that was agreed upon. */
export class SignalSenderUnknownError extends DomainError {
  readonly code = 'signal-sender-unknown';
  readonly kind = 'unauthenticated';
  constructor() {
    super('The Authorization header does not hold what signals in the settings of this connection say.');
  }
}

/** An event hook that is not what Okta sends. */
export class MalformedEventHookError extends DomainError {
  readonly code = 'malformed-event-hook';
  readonly kind = 'invalid';
  /** @param expected what would have been right */
  constructor(expected: string) {
    super(`This is not what an event hook sends: ${expected} is expected.`);
  }
}
