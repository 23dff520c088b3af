import type { FakeSigningKey, UnsignedToken } from './signing-key.js';

/** How a fake provider differs from an honest one. Every field is optional; what is absent is honest. */
export interface FakeBehaviour {
  /** Changes the discovery document. */
  readonly metadata?: (honest: Record<string, unknown>) => Record<string, unknown>;
  /** Changes the published key set. */
  readonly jwks?: (honest: { keys: unknown[] }) => unknown;
  /** Changes header and claims before the ID token is signed: the provider itself says something odd. */
  readonly idToken?: (honest: UnsignedToken) => UnsignedToken;
  /** Replaces the ID token: somebody else says it. */
  readonly forge?: (honest: UnsignedToken, signed: string) => string | Promise<string>;
  /** Changes the token response. */
  readonly tokens?: (honest: Record<string, unknown>) => Record<string, unknown>;
  readonly userinfo?: (honest: Record<string, unknown>) => Record<string, unknown>;
  /** Changes what goes back through the browser. */
  readonly answer?: (honest: URLSearchParams) => void;
  /** Signs with this key, published or not. */
  readonly signWith?: FakeSigningKey;
  /** Takes codes without looking at the verifier, as providers did before RFC 7636. */
  readonly ignorePkce?: boolean;
  /** Answers these paths with this status. */
  readonly down?: Readonly<Record<string, number>>;
}

/** A person at a fake provider: claims of the ID token and of userinfo. */
export interface FakePerson {
  readonly sub: string;
  readonly [claim: string]: unknown;
}

/** A client that a fake provider knows. */
export interface FakeClient {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
}
