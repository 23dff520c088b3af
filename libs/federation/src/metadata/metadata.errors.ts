import { DomainError } from '#libs/kernel';

/** Why metadata was not taken over; nothing of it is used then. Stable: recorded in events and searched for by administrators. */
export type MetadataErrorCode =
  | 'metadata-too-large'
  | 'metadata-hostile'
  | 'metadata-malformed'
  | 'metadata-entity-missing'
  | 'metadata-signature-invalid'
  | 'metadata-expired';

/** An identity provider's metadata was not accepted. `message` says what to look at. */
export class MetadataError extends DomainError {
  readonly kind = 'invalid';
  constructor(
    readonly code: MetadataErrorCode,
    message: string,
  ) {
    super(message);
  }
}

/** The address of the metadata answered, but not with metadata. Trying again later may help. */
export class MetadataUnavailableError extends DomainError {
  readonly code = 'metadata-unavailable';
  readonly kind = 'unavailable';
  constructor(host: string, reason: string) {
    super(`The metadata cannot be read from ${host}: ${reason} Check the address, or import the file.`);
  }
}

/** Refuses unless `condition` holds. */
export function demandMetadata(condition: boolean, code: MetadataErrorCode, message: string): asserts condition {
  if (!condition) throw new MetadataError(code, message);
}
