import type { Claims } from './saml/claims.js';

/** What proves an identity, for the record: of people who were admitted and of those who were verified and then refused. */
export interface IdentityEvidence {
  readonly issuer: string;
  /** Unique per issuer: assertion ID, `jti` or, where the source gives none, the digest of the token. Names the sign-in's command. */
  readonly assertionId: string;
  /** SHA-256 (hex) of the certificate or of the key (RFC 7638 thumbprint) that made the signature; null where nothing is signed (OAuth 2.0). */
  readonly keySha256: string | null;
  /** SHA-256 (hex) of the octets that the signature covers, or of the profile as it was read. */
  readonly assertionSha256: string;
  /** When and how the person signed in at the source: ISO-8601 UTC; `AuthnContextClassRef` or `acr`; methods (RFC 8176). */
  readonly authnInstant: string | null;
  readonly authnContext: string | null;
  readonly amr: readonly string[];
  readonly nameIdFormat: string | null;
  /** SAML `SessionIndex` or OpenID Connect `sid`: what a sign-out at the source names. */
  readonly sessionIndex: string | null;
  /** `sp`: answers a request of ours. `idp`: came unasked. */
  readonly initiatedBy: 'sp' | 'idp';
}

/** A person as a source vouches for them, whatever it speaks. Everything in it was verified. */
export interface VerifiedIdentity {
  readonly protocol: 'saml' | 'oidc' | 'oauth2' | 'jwt';
  /** NameID, `sub`, `tid/oid` or a stable id of the profile: trimmed, not empty, at most 1,024 bytes. */
  readonly subject: { readonly value: string; readonly format: string | null };
  /** Under every name that a mapping may use, nested ones with dots; `nameId` is the subject. */
  readonly claims: Claims;
  readonly evidence: IdentityEvidence;
  /** The person is in more groups than fit: what is said about groups is unknown. */
  readonly groupsOverage: boolean;
  /** When the source wants the session to end at the latest, ISO-8601 UTC. */
  readonly sessionNotOnOrAfter: string | null;
  /** From this moment no setting of the connection would accept it any more: a replay entry may be dropped. */
  readonly notOnOrAfter: string;
  /** The ID token itself (OpenID Connect only), by which a sign-out says to the provider whose session it is. Never for the record. */
  readonly idToken?: string;
}
