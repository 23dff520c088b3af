/** What the signature proves about an answer, for the record: of accepted answers and of signed ones that were refused. */
export interface AssertionEvidence {
  readonly assertionId: string;
  /** Under the signature only where the Response is signed. */
  readonly responseId: string;
  /** Issuer of the assertion. */
  readonly issuer: string;
  readonly nameIdFormat: string | null;
  readonly sessionIndex: string | null;
  /** When and how the person signed in at the identity provider: ISO-8601 UTC, and `AuthnContextClassRef`. */
  readonly authnInstant: string | null;
  readonly authnContext: string | null;
  /** SHA-256 (hex) of the DER form of the certificate whose key made the signature. */
  readonly certificateSha256: string;
  /**
   * SHA-256 (hex) of the octets that the signature covers: the canonical Response where that is signed, else the canonical Assertion.
   * With a SHA-256 digest it equals the signature's `DigestValue`.
   */
  readonly assertionSha256: string;
  /** `sp`: answers a request of ours. `idp`: came unasked. */
  readonly initiatedBy: 'sp' | 'idp';
}

/** An answer that passed every check. Everything in it was read from octets that the signature covers. */
export interface VerifiedAssertion extends AssertionEvidence {
  /** Trimmed, not empty, at most 1,024 bytes. */
  readonly nameId: { readonly value: string; readonly format: string | null };
  /** By attribute Name; see `readAttributes` for the rules. */
  readonly attributes: ReadonlyMap<string, readonly string[]>;
  /** FriendlyName → Name, of attributes that have one; the first wins. */
  readonly friendlyNames: ReadonlyMap<string, string>;
  /** When the identity provider wants the session to end at the latest. */
  readonly sessionNotOnOrAfter: string | null;
  /** From this moment no setting of the connection would accept the assertion any more: a replay entry may be dropped. */
  readonly notOnOrAfter: string;
}
