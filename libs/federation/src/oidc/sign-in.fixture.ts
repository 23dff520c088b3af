import type { OidcAnswer, OidcTransaction } from './oidc-client.js';
import { DEFAULT_ALGORITHMS, type OidcSettings } from './oidc-settings.js';

/** The moment at which every fixture happens. */
export const NOW = new Date('2026-03-01T08:00:00.000Z');
/** The client that the fixture's provider knows. */
export const CLIENT = {
  clientId: 'gatebook',
  clientSecret: 'a-secret-of-the-client-0123456789abcdef',
  redirectUri: 'https://gatebook.example/login/acme/callback',
};
/** What one browser began. */
export const TRANSACTION: OidcTransaction = {
  state: 'state-0123456789abcdef0123456789',
  nonce: 'nonce-0123456789abcdef0123456789',
  codeVerifier: 'verifier-0123456789abcdef0123456789abcdef0123456789',
};
/** Plain HTTP is for the loopback interface only. */
export const allowHttp = (url: URL): boolean => url.hostname === '127.0.0.1';

/** A connection to a provider; a test says only what differs. */
export function settingsFor(issuer: string, differing: Partial<OidcSettings> = {}): OidcSettings {
  return {
    connection: 'acme',
    issuer,
    ...CLIENT,
    tokenEndpointAuthMethod: 'client_secret_basic',
    privateKey: null,
    scopes: ['openid', 'profile', 'email'],
    userinfo: false,
    tenants: [],
    hostedDomains: [],
    acrValues: [],
    prompt: null,
    maxAgeSeconds: null,
    algorithms: DEFAULT_ALGORITHMS,
    clockSkewSeconds: 60,
    identifyBy: 'sub',
    ...differing,
  };
}

/** The answer that the browser of {@link TRANSACTION} brings. */
export function answerFrom(callbackUrl: URL, differing: Partial<OidcAnswer> = {}): OidcAnswer {
  return { ...TRANSACTION, callbackUrl, now: NOW, ...differing };
}
