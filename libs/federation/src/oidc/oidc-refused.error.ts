import { DomainError, type ErrorKind } from '#libs/kernel';
import type { IdentityEvidence } from '../verified-identity.js';

/**
 * Why an answer or a token of an OpenID provider, an OAuth 2.0 server or a token issuer was refused. Stable: recorded in events,
 * shown on the page, searched for by administrators.
 */
export type OidcRefusalCode =
  | 'malformed-response'
  | 'state-mismatch'
  | 'provider-refused'
  | 'code-refused'
  | 'client-refused'
  | 'missing-id-token'
  | 'malformed-token'
  | 'too-large'
  | 'unsupported-token-type'
  | 'unsupported-algorithm'
  | 'unsupported-header'
  | 'unknown-key'
  | 'invalid-signature'
  | 'wrong-issuer'
  | 'wrong-audience'
  | 'wrong-authorized-party'
  | 'wrong-tenant'
  | 'wrong-hosted-domain'
  | 'nonce-mismatch'
  | 'expired'
  | 'not-yet-valid'
  | 'token-too-old'
  | 'authentication-too-old'
  | 'unnamed-subject'
  | 'missing-token-id'
  | 'subject-mismatch'
  | 'not-a-logout-token'
  | 'malformed-claim'
  | 'verification-disagreement';

/** A refusal as plain data. */
export interface OidcRefusal {
  readonly code: OidcRefusalCode;
  readonly message: string;
  /** Present exactly when a signature by one of the issuer's keys was valid. */
  readonly evidence: IdentityEvidence | null;
}

/**
 * What came back from the provider was not accepted. `message` says what to look at and holds no personal data.
 * Whether a verified person may come in is decided elsewhere; every code here is a 400, except `too-large`, a 413.
 */
export class OidcRefusedError extends DomainError {
  readonly code: OidcRefusalCode;
  readonly kind: ErrorKind;
  readonly status: 400 | 413;
  readonly evidence: IdentityEvidence | null;

  constructor({ code, message, evidence }: OidcRefusal) {
    super(message);
    this.code = code;
    this.kind = code === 'too-large' ? 'tooLarge' : 'invalid';
    this.status = code === 'too-large' ? 413 : 400;
    this.evidence = evidence;
  }

  /** Whether the signature was valid: only then does a refusal say anything about the provider. */
  get verified(): boolean {
    return this.evidence !== null;
  }

  get assertionId(): string | undefined {
    return this.evidence?.assertionId;
  }

  get issuer(): string | undefined {
    return this.evidence?.issuer;
  }
}

/** A refusal to throw. */
export function refusal(
  code: OidcRefusalCode,
  message: string,
  evidence: IdentityEvidence | null = null,
): OidcRefusedError {
  return new OidcRefusedError({ code, message, evidence });
}

/**
 * Refuses unless `condition` holds.
 * @throws {OidcRefusedError} without evidence
 */
export function demand(condition: boolean, code: OidcRefusalCode, message: string): asserts condition {
  if (!condition) throw refusal(code, message);
}

/** Runs `read` on something that was verified: a refusal in it carries the evidence. */
export function withEvidence<T>(evidence: IdentityEvidence, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof OidcRefusedError && !cause.evidence) {
      throw refusal(cause.code, cause.message, evidence);
    }
    throw cause;
  }
}
