import { DomainError } from '#libs/kernel';

/** A connection that cannot sign anybody in as it stands: its metadata were not read yet, or it has no page to begin at. */
export class ConnectionNotReadyError extends DomainError {
  readonly code = 'connection-not-ready';
  readonly kind = 'unavailable';
  constructor(reason: string) {
    super(`This way of signing in cannot be used yet: ${reason} Your administrator can see more in the connection.`);
  }
}
