import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientSecretPost,
  Configuration,
  calculatePKCECodeChallenge,
  customFetch,
  fetchProtectedResource,
  None,
} from 'openid-client';
import { boundedFetch, domainErrorIn } from '../jwt/bounded-fetch.js';
import { readAuthorizationResponse } from '../oidc/authorization-response.js';
import { forLibrary } from '../oidc/library-configuration.js';
import { type OidcRefusedError, refusal } from '../oidc/oidc-refused.error.js';
import { ProviderUnreachableError } from '../oidc/provider.errors.js';
import type { AllowHttp } from '../oidc/provider-metadata.js';
import { demandTransaction } from '../oidc/sign-in-transaction.js';
import { exchangeFailure, TokenExchange } from '../oidc/token-exchange.js';
import type { VerifiedIdentity } from '../verified-identity.js';
import { checkOAuth2Settings, issuerOf, type OAuth2Settings } from './oauth2-settings.js';
import { profileIdentity } from './profile-identity.js';

/** What the client works with. */
export interface OAuth2ClientOptions {
  /** Makes every request and decides where requests may go. */
  readonly fetch: typeof fetch;
  /** Addresses for which plain HTTP will do. Default: none. */
  readonly allowHttp?: AllowHttp;
}

/** What binds one sign-in to the browser that began it. */
export interface OAuth2Transaction {
  /** At least 128 bits of chance, as text. */
  readonly state: string;
  /** RFC 7636 §4.1: 43 to 128 unreserved characters. */
  readonly codeVerifier: string;
}

/** The answer that a browser brought. */
export interface OAuth2Answer extends OAuth2Transaction {
  readonly callbackUrl: URL;
  readonly now: Date;
}

/**
 * Signs people in at providers that speak OAuth 2.0 only: authorization code flow with PKCE (S256) and state, always, then the
 * profile endpoint. Remembers nothing.
 */
export class OAuth2Client {
  readonly #fetch: typeof fetch;
  readonly #allowHttp: AllowHttp;

  constructor({ fetch: inner, allowHttp = () => false }: OAuth2ClientOptions) {
    this.#fetch = boundedFetch(inner);
    this.#allowHttp = allowHttp;
  }

  /**
   * The address to send a browser to.
   * @throws {OAuth2SettingsError}
   * @throws {TypeError} when state or verifier is too short to be unguessable
   */
  async begin(settings: OAuth2Settings, transaction: OAuth2Transaction): Promise<{ readonly url: string }> {
    checkOAuth2Settings(settings, this.#allowHttp);
    demandTransaction(transaction);
    const parameters = {
      redirect_uri: settings.redirectUri,
      ...(settings.scopes.length > 0 ? { scope: settings.scopes.join(' ') } : {}),
      state: transaction.state,
      code_challenge: await calculatePKCECodeChallenge(transaction.codeVerifier),
      code_challenge_method: 'S256',
    };
    return { url: buildAuthorizationUrl(configurationOf(settings, this.#fetch), parameters).href };
  }

  /**
   * Redeems the code that a browser brought, once, and reads whose it is.
   * @throws {OidcRefusedError} when it is not accepted; `code` says why
   * @throws {ProviderUnreachableError} {OAuth2SettingsError}
   */
  async finish(
    settings: OAuth2Settings,
    { callbackUrl, state, codeVerifier, now }: OAuth2Answer,
  ): Promise<VerifiedIdentity> {
    checkOAuth2Settings(settings, this.#allowHttp);
    demandTransaction({ state, codeVerifier });
    const { url, issuer } = readAuthorizationResponse(callbackUrl, settings.redirectUri, state, {
      isIssuer: (iss) => isIssuerOf(settings, iss),
      mustNameIssuer: false,
    });
    const exchange = new TokenExchange(this.#fetch, settings.tokenUrl);
    const config = configurationOf(settings, exchange.fetch, issuer);
    const accessToken = await redeem(config, url, { expectedState: state, pkceCodeVerifier: codeVerifier }, exchange);
    const text = await read(config, accessToken, settings.profileUrl, settings.connection);
    const emails = settings.emailsUrl && (await read(config, accessToken, settings.emailsUrl, settings.connection));
    const code = url.searchParams.get('code') ?? '';
    return profileIdentity(
      { profile: objectIn(text), text, emails: emails ? jsonIn(emails) : null, code },
      settings,
      now,
    );
  }
}

function configurationOf(
  settings: OAuth2Settings,
  fetch: typeof globalThis.fetch,
  issuer: string | null = null,
): Configuration {
  const server = {
    issuer: issuer ?? issuerOf(settings),
    authorization_endpoint: settings.authorizationUrl,
    token_endpoint: settings.tokenUrl,
  };
  const auth = settings.clientSecret ? ClientSecretPost(settings.clientSecret) : None();
  const config = new Configuration(server, settings.clientId, {}, auth);
  config[customFetch] = forLibrary(fetch);
  allowInsecureRequests(config); // the settings say where plain HTTP will do
  return config;
}

async function redeem(
  config: Configuration,
  url: URL,
  checks: { readonly expectedState: string; readonly pkceCodeVerifier: string },
  exchange: TokenExchange,
): Promise<string> {
  try {
    return (await authorizationCodeGrant(config, url, checks)).access_token;
  } catch (cause) {
    throw await exchangeFailure(cause, exchange);
  }
}

async function read(config: Configuration, accessToken: string, url: string, connection: string): Promise<string> {
  const headers = new Headers({ accept: 'application/json', 'user-agent': 'gatebook' });
  try {
    const response = await fetchProtectedResource(config, accessToken, new URL(url), 'GET', null, headers);
    if (response.status === 200) return await response.text();
    throw new ProviderUnreachableError(`connection ${connection}, ${new URL(url).host} answered ${response.status}`);
  } catch (cause) {
    throw (
      domainErrorIn(cause) ?? new ProviderUnreachableError(`connection ${connection}, the profile could not be read`)
    );
  }
}

function objectIn(text: string): Record<string, unknown> {
  const json = jsonIn(text);
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>;
  throw notJson();
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw notJson();
  }
}

function notJson(): OidcRefusedError {
  return refusal('malformed-response', 'The profile is not a JSON object. Check profileUrl and emailsUrl.');
}

function isIssuerOf({ issuer, authorizationUrl }: OAuth2Settings, iss: string): boolean {
  if (issuer !== null) return iss === issuer;
  return URL.canParse(iss) && new URL(iss).origin === new URL(authorizationUrl).origin;
}
