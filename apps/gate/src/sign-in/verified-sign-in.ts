import type { VerifiedAssertion } from '#libs/federation';

/** Where a request came from; personal data, recorded only under encryption. */
export interface Client {
  readonly address: string;
  readonly userAgent: string;
}

/** A verified assertion on its way to a decision. */
export interface VerifiedSignIn {
  readonly connection: string;
  readonly assertion: VerifiedAssertion;
  readonly client: Client;
  /** Id of the HTTP request: names what is recorded if the sign-in is refused. */
  readonly requestId: string;
  readonly traceparent?: string | undefined;
}
