import { DomainError } from '#libs/kernel';

/** A provider did not answer, or not with what its protocol says. Nobody was refused: the same sign-in may work later. */
export class ProviderUnreachableError extends DomainError {
  readonly code = 'provider-unreachable';
  readonly kind = 'unavailable';
  constructor(what: string, options?: ErrorOptions) {
    super(`The identity provider did not answer: ${what}. Try again; if it lasts, look at the provider's state.`);
    if (options?.cause !== undefined) this.cause = options.cause;
  }
}

/** What a provider publishes about itself cannot be used: its discovery document or its keys. */
export class ProviderMetadataError extends DomainError {
  readonly code = 'provider-metadata-invalid';
  readonly kind = 'unavailable';
}
