import {
  allowInsecureRequests,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  Configuration,
  type CustomFetch,
  clockSkew,
  clockTolerance,
  customFetch,
  enableNonRepudiationChecks,
  modifyAssertion,
  None,
  PrivateKeyJwt,
  type ServerMetadata,
  setJwksCache,
} from 'openid-client';
import type { KeySet } from '../jwt/key-set.js';
import { type OidcSettings, TENANT_PLACE } from './oidc-settings.js';

/** Seconds are rounded differently here and there; our own checks are the exact ones. */
const ROUNDING_SECONDS = 2;
const TIMEOUT_SECONDS = 10;

/** What one call of the library needs. */
export interface LibraryCall {
  readonly settings: OidcSettings;
  readonly metadata: ServerMetadata;
  readonly fetch: typeof fetch;
  readonly now: Date;
  /** Keys that are used instead of asking for them. */
  readonly keys?: KeySet;
  /** The issuer that answers and tokens have to name, where the one of the metadata is a template. */
  readonly issuer?: string;
}

/**
 * The library's view of one connection at one moment: its clock is ours, its algorithms the connection's, and it checks the signature
 * of an ID token that comes straight from the token endpoint too, which it does not do by itself.
 * Plain HTTP is not refused here: every address was checked when the metadata was read.
 */
export function libraryConfiguration({ settings, metadata, fetch, now, keys, issuer }: LibraryCall): Configuration {
  const server = {
    ...metadata,
    issuer: issuer ?? metadata.issuer,
    id_token_signing_alg_values_supported: [...settings.algorithms],
  };
  const client = {
    [clockSkew]: Math.round((now.getTime() - Date.now()) / 1000),
    [clockTolerance]: settings.clockSkewSeconds + ROUNDING_SECONDS,
  };
  const config = new Configuration(server, settings.clientId, client, clientAuth(settings, server));
  config[customFetch] = forLibrary(fetch);
  config.timeout = TIMEOUT_SECONDS;
  allowInsecureRequests(config);
  enableNonRepudiationChecks(config);
  if (keys) setJwksCache(config, { jwks: { keys: [...keys.keys] }, uat: Math.floor(Date.now() / 1000) });
  return config;
}

/** The library's type of fetch; it sends texts and forms only. */
export function forLibrary(inner: typeof fetch): CustomFetch {
  return (url, options) => inner(url, options as RequestInit);
}

function clientAuth(settings: OidcSettings, { token_endpoint: tokenEndpoint }: ServerMetadata): ClientAuth {
  const secret = settings.clientSecret ?? '';
  if (settings.tokenEndpointAuthMethod === 'client_secret_basic') return ClientSecretBasic(secret);
  if (settings.tokenEndpointAuthMethod === 'client_secret_post') return ClientSecretPost(secret);
  if (settings.tokenEndpointAuthMethod === 'none' || !settings.privateKey) return None();
  const forTokenEndpoint = (_: object, claims: Record<string, unknown>) => {
    claims['aud'] = tokenEndpoint;
  };
  // an issuer that is a template is no audience; Entra documents its token endpoint as the one to name
  const isTemplate = settings.issuer.includes(TENANT_PLACE);
  return PrivateKeyJwt(settings.privateKey, isTemplate ? { [modifyAssertion]: forTokenEndpoint } : undefined);
}
