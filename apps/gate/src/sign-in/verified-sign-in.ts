import type { VerifiedIdentity } from '#libs/federation';

/** Where a request came from; personal data, recorded only under encryption. */
export interface Client {
  readonly address: string;
  readonly userAgent: string;
}

/** A verified identity on its way to a decision, whichever protocol it came by. */
export interface VerifiedSignIn {
  readonly connection: string;
  readonly identity: VerifiedIdentity;
  readonly client: Client;
  /** Id of the HTTP request: names what is recorded if the sign-in is refused. */
  readonly requestId: string;
  readonly traceparent?: string | undefined;
}
