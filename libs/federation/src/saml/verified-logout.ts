/** What every message of single logout says, verified. */
export interface VerifiedMessage {
  /** Unique per identity provider; a request's has to be kept until `replayableUntil`, so that it works once. */
  readonly id: string;
  readonly issuer: string;
  /** To be handed back with the answer; signed in an address, not in a form. */
  readonly relayState: string | null;
  /** SHA-256 (hex) of the certificate whose key made the signature. */
  readonly certificateSha256: string;
}

/** The identity provider's wish that a person's sessions end. */
export interface VerifiedLogoutRequest extends VerifiedMessage {
  readonly kind: 'request';
  readonly nameId: { readonly value: string; readonly format: string | null };
  /** Which sessions; none means all of the person. */
  readonly sessionIndexes: readonly string[];
  /** From this moment no setting would accept it any more, ISO-8601 UTC. */
  readonly replayableUntil: string;
}

/** The identity provider's answer to a logout request of ours. */
export interface VerifiedLogoutResponse extends VerifiedMessage {
  readonly kind: 'response';
  readonly inResponseTo: string;
  /** Whether all sessions ended; false also for a partial logout. */
  readonly success: boolean;
}
