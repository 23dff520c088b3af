import { DomainError, type ErrorKind } from '#libs/kernel';
import type { AssertionEvidence } from './verified-assertion.js';

/** Why an answer of an identity provider was refused. Stable: recorded in events, shown on the page, searched for by administrators. */
export type SamlRefusalCode =
  | 'malformed-response'
  | 'too-large'
  | 'unsupported-algorithm'
  | 'hostile-xml'
  | 'invalid-signature'
  | 'wrong-issuer'
  | 'wrong-audience'
  | 'wrong-recipient'
  | 'wrong-destination'
  | 'status-not-success'
  | 'expired'
  | 'not-yet-valid'
  | 'assertion-too-old'
  | 'missing-conditions'
  | 'unsupported-condition'
  | 'missing-subject-confirmation'
  | 'in-response-to-mismatch'
  | 'idp-initiated-not-allowed'
  | 'unsigned-response'
  | 'unencrypted-assertion'
  | 'decryption-key-missing'
  | 'decryption-failed'
  | 'missing-name-id'
  | 'malformed-claim'
  | 'verification-timeout';

/** A refusal as plain data, as it travels from the worker thread. */
export interface SamlRefusal {
  readonly code: SamlRefusalCode;
  readonly message: string;
  /** Present exactly when a signature by one of the connection's certificates was valid. */
  readonly evidence: AssertionEvidence | null;
}

/**
 * The identity provider's answer was not accepted. `message` says what to look at and holds no personal data.
 * Whether a verified person may come in is decided elsewhere; every code here is a 400, except `too-large`, a 413.
 */
export class SamlRefusedError extends DomainError {
  readonly code: SamlRefusalCode;
  readonly kind: ErrorKind;
  readonly status: 400 | 413;
  readonly evidence: AssertionEvidence | null;

  constructor({ code, message, evidence }: SamlRefusal) {
    super(message);
    this.code = code;
    this.kind = code === 'too-large' ? 'tooLarge' : 'invalid';
    this.status = code === 'too-large' ? 413 : 400;
    this.evidence = evidence;
  }

  /** Whether the signature was valid: only then does a refusal say anything about the identity provider. */
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

/** Thrown inside the verification to leave it at once; becomes a {@link SamlRefusal} at its edge. */
export class Refusal extends Error {
  constructor(
    readonly code: SamlRefusalCode,
    message: string,
  ) {
    super(message);
  }
}

/** Refuses unless `condition` holds. */
export function demand(condition: boolean, code: SamlRefusalCode, message: string): asserts condition {
  if (!condition) throw new Refusal(code, message);
}
