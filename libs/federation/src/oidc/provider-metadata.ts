import { allowInsecureRequests, customFetch, discovery, None, type ServerMetadata } from 'openid-client';
import { boundedFetch, domainErrorIn } from '../jwt/bounded-fetch.js';
import { RemoteCache } from '../jwt/remote-cache.js';
import { forLibrary } from './library-configuration.js';
import { type OidcSettings, OidcSettingsError, TENANT_PLACE } from './oidc-settings.js';
import { ProviderMetadataError, ProviderUnreachableError } from './provider.errors.js';

/** How long a discovery document is used before it is read again. */
export const METADATA_TTL_MS = 10 * 60_000;
const PROVIDERS_MAX = 2_000;
/** Entra publishes the template of its issuers where people of any organisation sign in. */
const ANY_TENANT = 'organizations';
const ENDPOINTS = [
  'authorization_endpoint',
  'token_endpoint',
  'userinfo_endpoint',
  'jwks_uri',
  'end_session_endpoint',
] as const;

/** Whether plain HTTP may be used for an address. Anything but false belongs to development and tests. */
export type AllowHttp = (url: URL) => boolean;

/** What a provider publishes about itself, as far as Gatebook relies on it. */
export type ProviderMetadata = ServerMetadata & {
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly jwks_uri: string;
};

/** Discovery documents of all connections, one instance per process. */
export class ProviderDirectory {
  readonly #fetch: typeof fetch;
  readonly #cache = new RemoteCache<ProviderMetadata>({
    ttlMs: METADATA_TTL_MS,
    forcedEveryMs: METADATA_TTL_MS,
    entriesMax: PROVIDERS_MAX,
  });

  constructor(
    inner: typeof fetch,
    private readonly allowHttp: AllowHttp,
  ) {
    this.#fetch = boundedFetch(inner);
  }

  /**
   * What the connection's provider says about itself. The issuer in it is the one of the settings, letter by letter
   * (OpenID Connect Discovery §4.3): a document that was put elsewhere is not believed.
   * @throws {ProviderUnreachableError} {ProviderMetadataError} {OidcSettingsError}
   */
  of(settings: OidcSettings, now: Date): Promise<ProviderMetadata> {
    const key = JSON.stringify([settings.connection, settings.issuer]);
    return this.#cache.get(key, now, () => this.#read(settings));
  }

  async #read(settings: OidcSettings): Promise<ProviderMetadata> {
    const address = discoveryAddress(settings.issuer);
    if (!this.#mayUse(address)) {
      throw new OidcSettingsError(`Connection ${settings.connection}: the issuer must be an https URL.`);
    }
    const metadata = await this.#discover(address, settings);
    const { connection, issuer } = settings;
    if (metadata.issuer !== issuer) {
      throw new ProviderMetadataError(
        `Connection ${connection}: the provider names another issuer than ${issuer}. Copy its own.`,
      );
    }
    const wrong = ENDPOINTS.find((name) => !this.#isEndpoint(metadata[name], isNeeded(name)));
    if (wrong)
      throw new ProviderMetadataError(`Connection ${connection}: the provider's ${wrong} is missing or no https URL.`);
    return metadata as ProviderMetadata;
  }

  async #discover(address: URL, { connection, clientId }: OidcSettings): Promise<ServerMetadata> {
    const options = { [customFetch]: forLibrary(this.#fetch), execute: [allowInsecureRequests] };
    try {
      return (await discovery(address, clientId, undefined, None(), options)).serverMetadata();
    } catch (error) {
      const known = domainErrorIn(error);
      if (known instanceof ProviderUnreachableError || !known) {
        const cause = known?.cause; // the library's own error may hold what the other side wrote
        throw new ProviderUnreachableError(`connection ${connection}, no discovery document at ${address.host}`, {
          cause,
        });
      }
      throw known;
    }
  }

  #isEndpoint(value: unknown, needed: boolean): boolean {
    if (value === undefined) return !needed;
    return typeof value === 'string' && value.length <= 2048 && URL.canParse(value) && this.#mayUse(new URL(value));
  }

  #mayUse(url: URL): boolean {
    return url.protocol === 'https:' || (url.protocol === 'http:' && this.allowHttp(url));
  }
}

function discoveryAddress(issuer: string): URL {
  const url = new URL(issuer.replace(TENANT_PLACE, ANY_TENANT));
  url.pathname = `${url.pathname.replace(/\/$/, '')}/.well-known/openid-configuration`;
  return url;
}

const isNeeded = (name: (typeof ENDPOINTS)[number]) =>
  name === 'authorization_endpoint' || name === 'token_endpoint' || name === 'jwks_uri';
