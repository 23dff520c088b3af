import { DomainError } from '#libs/kernel';

/** A connection whose settings name no address of metadata has nothing to refresh. */
export class NoMetadataAddressError extends DomainError {
  readonly code = 'no-metadata-address';
  readonly kind = 'conflict';
  constructor(connection: string) {
    super(`The connection ${connection} does not read metadata. Set saml.metadataUrl in its settings first.`);
  }
}

/** Metadata is well-formed, and says something that a connection cannot work with. */
export class MetadataRejectedError extends DomainError {
  readonly code = 'metadata-rejected';
  readonly kind = 'invalid';
  constructor(problem: string) {
    super(`What the metadata says cannot be used. ${problem}`);
  }
}
