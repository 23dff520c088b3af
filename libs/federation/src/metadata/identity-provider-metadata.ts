/** Where a single logout is sent. */
export interface LogoutEndpoint {
  readonly url: string;
  /** Where answers go, if not to the same address. */
  readonly responseUrl: string | null;
}

/** Addresses by binding; null where the identity provider does not offer it. The first of each binding counts. */
export interface PerBinding<T> {
  readonly redirect: T | null;
  readonly post: T | null;
}

/** What an identity provider says of itself, as far as Gatebook uses it. Plain data. @see SAML Metadata 2.4.3 */
export interface IdentityProviderMetadata {
  readonly entityId: string;
  /** At least one of the two; http or https. */
  readonly ssoUrls: PerBinding<string>;
  readonly sloUrls: PerBinding<LogoutEndpoint>;
  /** PEM, in the order of the document, each once, 1 to 16: those for signing and those without a stated use. */
  readonly signingCertificates: readonly string[];
  readonly encryptionCertificates: readonly string[];
  readonly wantAuthnRequestsSigned: boolean;
  readonly nameIdFormats: readonly string[];
  /** The earliest end that anything around the description states, ISO-8601 UTC: from then on it must not be used. */
  readonly validUntil: string | null;
  /** How long it may be kept before it is asked for again, milliseconds. */
  readonly cacheDurationMs: number | null;
}
