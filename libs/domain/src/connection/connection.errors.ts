import { DomainError } from '#libs/kernel';

/** The connection is managed by the configuration file. */
export class ManagedByConfigError extends DomainError {
  readonly code = 'managed-by-config';
  readonly kind = 'conflict';
  constructor(what: string) {
    super(`${what} is managed by the configuration file. Change it there, or detach it first.`);
  }
}

/** A removed connection cannot be changed; its id stays taken. */
export class ConnectionRemovedError extends DomainError {
  readonly code = 'connection-removed';
  readonly kind = 'conflict';
  constructor(id: string) {
    super(`The connection ${id} was removed. Choose another id: the history of this one must stay unambiguous.`);
  }
}

/** No such connection. */
export class ConnectionNotFoundError extends DomainError {
  readonly code = 'connection-not-found';
  readonly kind = 'notFound';
  constructor() {
    super('There is no such connection.');
  }
}

/** A domain that the settings of the connection do not name cannot be shown to be the connection's. */
export class DomainNotNamedError extends DomainError {
  readonly code = 'domain-not-named';
  readonly kind = 'conflict';
  constructor(id: string) {
    super(`The connection ${id} does not name this domain. Add it to the connection's domains first.`);
  }
}

/** Within what a subject is unique cannot change: everybody who is linked would be somebody else. */
export class ConnectionSourceFixedError extends DomainError {
  readonly code = 'connection-source-fixed';
  readonly kind = 'conflict';
  constructor(
    id: string,
    /** Paths of the settings, such as `oidc.issuer`. */
    readonly paths: readonly string[],
  ) {
    super(
      `The connection ${id} links people by what ${paths.join(' and ')} said when it was made, which cannot change. Make a new connection for the other source, and remove this one when nobody needs it.`,
    );
  }
}

/** Metadata describes another identity provider than the one that it described before. */
export class MetadataEntityChangedError extends DomainError {
  readonly code = 'metadata-entity-changed';
  readonly kind = 'conflict';
  constructor() {
    super(
      'The metadata describes another identity provider than the one on record, which stays in force. If it is the same one under another name, write that name into saml.idpEntityId of the connection.',
    );
  }
}
