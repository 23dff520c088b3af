import { DomainError } from '#libs/kernel';

/** There is a connection of this id already. */
export class ConnectionExistsError extends DomainError {
  readonly code = 'connection-exists';
  readonly kind = 'conflict';
  constructor(id: string) {
    super(`There is a connection ${id} already. Change it with PATCH, or choose another id.`);
  }
}

/** The connection has changed since its settings were read. */
export class ConnectionStaleError extends DomainError {
  readonly code = 'connection-stale';
  readonly kind = 'stale';
  constructor(version: number) {
    super(
      `The connection has changed: it is at version ${version}. Read it again, then send If-Match with its version.`,
    );
  }
}

/** Only the operator's own keys can say of a domain that it belongs to a connection. */
export class DomainOwnershipRefusedError extends DomainError {
  readonly code = 'domain-ownership-refused';
  readonly kind = 'forbidden';
  constructor() {
    super(
      'Only a key of the installation can assert that domains belong to a connection. Set domainOwnership to dns, and prove each domain by its record (GET …/domains says which).',
    );
  }
}

/** Who decides whose word is taken decides who may be anybody whom the connection links. */
export class VouchingRefusedError extends DomainError {
  readonly code = 'vouching-refused';
  readonly kind = 'forbidden';
  constructor(paths: readonly string[]) {
    super(
      `Only a key of the installation, or one with the scope admin, can say who vouches for people who are known here already (${paths.join(', ')}). Ask somebody who has one, or make a connection that joins nobody (linking: none).`,
    );
  }
}
