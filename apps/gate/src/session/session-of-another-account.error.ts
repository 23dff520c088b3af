import { DomainError } from '#libs/kernel';

/** An answer that nobody asked for, or to what another site began, would replace the session of another account. */
export class SessionOfAnotherAccountError extends DomainError {
  readonly code = 'session-of-another-account';
  readonly kind = 'forbidden';
  constructor(
    /** The account that would have been signed in. */
    readonly account: string,
  ) {
    super('Somebody else is signed in here. Sign out first, then start again where you came from.');
  }
}
