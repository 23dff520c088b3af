import { DomainError } from '#libs/kernel';

/** The address names a connection that does not exist. */
export class UnknownConnectionError extends DomainError {
  readonly code = 'unknown-connection';
  readonly kind = 'notFound';
  constructor() {
    super('There is no such way of signing in here. Check the address, or start at /login.');
  }
}
