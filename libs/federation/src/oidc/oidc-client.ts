import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  buildEndSessionUrl,
  calculatePKCECodeChallenge,
  fetchUserInfo,
} from 'openid-client';
import { boundedFetch, domainErrorIn } from '../jwt/bounded-fetch.js';
import { IssuerKeys, type KeySource } from '../jwt/issuer-keys.js';
import type { VerifiedIdentity } from '../verified-identity.js';
import { readAuthorizationResponse } from './authorization-response.js';
import { type VerifiedToken, verifyIdToken } from './id-token.js';
import { libraryConfiguration } from './library-configuration.js';
import { type LogoutNotice, verifyLogoutToken } from './logout-token.js';
import { oidcIdentity } from './oidc-identity.js';
import { type OidcRefusedError, refusal } from './oidc-refused.error.js';
import { checkOidcSettings, type OidcSettings, TENANT_PLACE } from './oidc-settings.js';
import { ProviderUnreachableError } from './provider.errors.js';
import { type AllowHttp, ProviderDirectory, type ProviderMetadata } from './provider-metadata.js';
import { demandTransaction } from './sign-in-transaction.js';
import { exchangeFailure, TokenExchange } from './token-exchange.js';

/** What the client works with. */
export interface OidcClientOptions {
  /** Makes every request and decides where requests may go. */
  readonly fetch: typeof fetch;
  /** Addresses for which plain HTTP will do. Default: none. */
  readonly allowHttp?: AllowHttp;
}

/** What binds one sign-in to the browser that began it. Kept by the caller until the answer comes, then dropped. */
export interface OidcTransaction {
  /** At least 128 bits of chance each, as text. */
  readonly state: string;
  readonly nonce: string;
  /** RFC 7636 §4.1: 43 to 128 unreserved characters. */
  readonly codeVerifier: string;
}

/** A sign-in to begin. */
export interface OidcBeginning extends OidcTransaction {
  readonly now: Date;
  /** Who is expected, shown by the provider. */
  readonly loginHint?: string;
  /** Asks the person to authenticate again, and the provider to say when they did (`max_age=0`), whatever the settings say. */
  readonly forceAuthentication?: boolean;
  /** Authentication contexts for this sign-in instead of those of the settings. */
  readonly acrValues?: readonly string[];
}

/** The answer that a browser brought. */
export interface OidcAnswer extends OidcTransaction {
  /** Address that was called, with its parameters; only these are looked at. */
  readonly callbackUrl: URL;
  readonly now: Date;
}

/**
 * Signs people in by OpenID Connect: authorization code flow with PKCE (S256), state and nonce, always. One instance per process
 * serves all connections and remembers what providers publish, nothing else: codes and tokens are gone when the call returns.
 */
export class OidcClient {
  readonly #fetch: typeof fetch;
  readonly #keys: IssuerKeys;
  readonly #providers: ProviderDirectory;

  constructor({ fetch: inner, allowHttp = () => false }: OidcClientOptions) {
    this.#fetch = inner;
    this.#keys = new IssuerKeys(inner);
    this.#providers = new ProviderDirectory(inner, allowHttp);
  }

  /**
   * The address to send a browser to.
   * @throws {OidcSettingsError} {ProviderUnreachableError} {ProviderMetadataError}
   * @throws {TypeError} when state, nonce or verifier is too short to be unguessable
   */
  async begin(settings: OidcSettings, beginning: OidcBeginning): Promise<{ readonly url: string }> {
    demandTransaction(beginning);
    const metadata = await this.#metadata(settings, beginning.now);
    const config = libraryConfiguration({ settings, metadata, fetch: this.#fetch, now: beginning.now });
    const parameters = {
      ...asked(settings, beginning),
      redirect_uri: settings.redirectUri,
      scope: settings.scopes.join(' '),
      state: beginning.state,
      nonce: beginning.nonce,
      code_challenge: await calculatePKCECodeChallenge(beginning.codeVerifier),
      code_challenge_method: 'S256',
    };
    return { url: buildAuthorizationUrl(config, parameters).href };
  }

  /**
   * Redeems the code that a browser brought, once, and verifies what comes for it: by the library and by our own checks, which
   * both have to accept it.
   * @throws {OidcRefusedError} when it is not accepted; `code` says why, `verified` whether the token's signature was valid
   * @throws {ProviderUnreachableError} {ProviderMetadataError} {OidcSettingsError}
   */
  async finish(settings: OidcSettings, answer: OidcAnswer): Promise<VerifiedIdentity> {
    demandTransaction(answer);
    const { now } = answer;
    const metadata = await this.#metadata(settings, now);
    const { url, issuer } = readAuthorizationResponse(answer.callbackUrl, settings.redirectUri, answer.state, {
      isIssuer: (iss) => isIssuerOf(settings, iss),
      mustNameIssuer: metadata.authorization_response_iss_parameter_supported === true,
    });
    const exchange = new TokenExchange(this.#fetch, metadata.token_endpoint);
    const call = { settings, metadata, fetch: exchange.fetch, now, ...(issuer === null ? {} : { issuer }) };
    const { verified, accessToken } = await this.#redeem(call, url, answer, exchange);
    const userinfo = settings.userinfo ? await this.#userinfo(call, verified, accessToken) : null;
    return oidcIdentity(verified, settings, userinfo);
  }

  /**
   * The address that signs a person out at the provider as well; null where the provider has none.
   * @see OpenID Connect RP-Initiated Logout 1.0 §2
   */
  async endSessionUrl(
    settings: OidcSettings,
    leave: {
      readonly idTokenHint?: string;
      readonly postLogoutRedirectUri: string;
      readonly state: string;
      readonly now: Date;
    },
  ): Promise<string | null> {
    const metadata = await this.#metadata(settings, leave.now);
    if (!metadata.end_session_endpoint) return null;
    const config = libraryConfiguration({ settings, metadata, fetch: this.#fetch, now: leave.now });
    const hint: Record<string, string> = leave.idTokenHint ? { id_token_hint: leave.idTokenHint } : {};
    const parameters = { ...hint, post_logout_redirect_uri: leave.postLogoutRedirectUri, state: leave.state };
    return buildEndSessionUrl(config, parameters).href;
  }

  /**
   * Verifies a back-channel logout token of the connection's provider. Replay is the caller's to prevent, by `tokenId`.
   * @throws {OidcRefusedError} {ProviderUnreachableError} {ProviderMetadataError} {OidcSettingsError}
   */
  async verifyLogoutToken(token: string, settings: OidcSettings, now: Date): Promise<LogoutNotice> {
    return verifyLogoutToken(token, settings, now, await this.keySource(settings, now));
  }

  /**
   * Where the keys of the connection's provider come from, as `checkIdToken` takes them.
   * @throws {ProviderUnreachableError} {ProviderMetadataError} {OidcSettingsError}
   */
  async keySource(settings: OidcSettings, now: Date): Promise<KeySource> {
    const { jwks_uri: jwksUri } = await this.#metadata(settings, now);
    return this.#keys.of(settings.connection, jwksUri, now);
  }

  async #metadata(settings: OidcSettings, now: Date): Promise<ProviderMetadata> {
    checkOidcSettings(settings);
    return this.#providers.of(settings, now);
  }

  /** The library redeems and reads; then we read; where the library could not know the key or the tenant yet, it reads again. */
  async #redeem(call: Call, url: URL, { state, nonce, codeVerifier, now }: OidcAnswer, exchange: TokenExchange) {
    const { connection, maxAgeSeconds } = call.settings;
    const source = this.#keys.of(connection, call.metadata.jwks_uri, now);
    const checks = {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: codeVerifier,
      idTokenExpected: true,
    };
    const withAge = maxAgeSeconds === null ? checks : { ...checks, maxAge: maxAgeSeconds };
    const keys = await source.current();
    const first = await settled(authorizationCodeGrant(libraryConfiguration({ ...call, keys }), url, withAge));
    const raw = await exchange.member('id_token');
    if (!raw) throw await withoutIdToken(first.error, exchange);
    const verified = await verifyIdToken(raw, call.settings, { now, nonce, keys: source });
    if (first.value) return { verified, accessToken: first.value.access_token };
    const again = { ...call, keys: verified.keys, issuer: verified.evidence.issuer };
    const second = await settled(authorizationCodeGrant(libraryConfiguration(again), url, withAge));
    if (second.value) return { verified, accessToken: second.value.access_token };
    throw disagreement(verified);
  }

  async #userinfo(call: Call, verified: VerifiedToken, accessToken: string): Promise<Record<string, unknown>> {
    const { evidence, keys, token } = verified;
    const { metadata, settings, now } = call;
    if (!metadata.userinfo_endpoint) {
      throw new ProviderUnreachableError(
        `connection ${settings.connection} asks for userinfo, which the provider does not have`,
      );
    }
    const fetch = boundedFetch(this.#fetch);
    const config = libraryConfiguration({ settings, metadata, fetch, now, keys, issuer: evidence.issuer });
    try {
      return await fetchUserInfo(config, accessToken, String(token.claims['sub']));
    } catch (cause) {
      const known = domainErrorIn(cause);
      if (known) throw known;
      if (isAboutSubject(cause)) {
        throw refusal('subject-mismatch', 'The userinfo endpoint spoke of another person than the ID token.', evidence);
      }
      throw new ProviderUnreachableError(`connection ${settings.connection}, userinfo`);
    }
  }
}

interface Call {
  readonly settings: OidcSettings;
  readonly metadata: ProviderMetadata;
  readonly fetch: typeof fetch;
  readonly now: Date;
  readonly issuer?: string;
}

/** What the provider is asked about the person's authentication. */
function asked(settings: OidcSettings, beginning: OidcBeginning): Record<string, string> {
  const prompt = beginning.forceAuthentication ? 'login' : settings.prompt;
  // providers have to state `auth_time` only where a maximum age is asked for (OpenID Connect Core 1.0 §2)
  const maxAge = beginning.forceAuthentication ? 0 : settings.maxAgeSeconds;
  const acrValues = beginning.acrValues ?? settings.acrValues;
  const [domain, ...others] = settings.hostedDomains;
  return {
    ...(prompt ? { prompt } : {}),
    ...(maxAge === null ? {} : { max_age: String(maxAge) }),
    ...(acrValues.length > 0 ? { acr_values: acrValues.join(' ') } : {}),
    ...(domain ? { hd: others.length === 0 ? domain : '*' } : {}),
    ...(beginning.loginHint ? { login_hint: beginning.loginHint } : {}),
  };
}

/** An answer may name any allowed tenant's issuer; the token then decides. */
function isIssuerOf({ issuer, tenants }: OidcSettings, iss: string): boolean {
  if (!issuer.includes(TENANT_PLACE)) return iss === issuer;
  return tenants.some((tenant) => iss === issuer.replace(TENANT_PLACE, () => tenant));
}

async function settled<T>(work: Promise<T>): Promise<{ readonly value?: T; readonly error?: unknown }> {
  try {
    return { value: await work };
  } catch (error) {
    return { error };
  }
}

async function withoutIdToken(error: unknown, exchange: TokenExchange): Promise<Error> {
  const answered = (await exchange.member('access_token')) !== undefined;
  if (!answered) return exchangeFailure(error, exchange);
  return refusal('missing-id-token', 'The provider sent no ID token. Add the scope openid, or use protocol oauth2.');
}

function disagreement({ evidence }: VerifiedToken): OidcRefusedError {
  return refusal(
    'verification-disagreement',
    'The OpenID Connect library does not accept this answer. Look at the token with the command line.',
    evidence,
  );
}

/** Only `sub` is compared there. */
const isAboutSubject = (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED';
