import { DomainError } from '#libs/kernel';

/** The identity provider's wish to sign somebody out was carried out before. */
export class LogoutReplayedError extends DomainError {
  readonly code = 'logout-replayed';
  readonly kind = 'invalid';
  constructor() {
    super('This message of the identity provider was used before. What it asks for has been done.');
  }
}

/** A message of single logout for a connection that has none. */
export class NoSingleLogoutError extends DomainError {
  readonly code = 'no-single-logout';
  readonly kind = 'notFound';
  constructor() {
    super('This connection has no single logout. Set saml.sloUrl to the address of the identity provider.');
  }
}
