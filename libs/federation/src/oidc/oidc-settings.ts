import type { CryptoKey } from 'jose';
import { DomainError } from '#libs/kernel';
import { SIGNATURE_ALGORITHMS } from '../jwt/key-set.js';
import { CLOCK_SKEW_MAX_SECONDS } from '../saml/saml-settings.js';

/** How Gatebook proves at the token endpoint that it is the client (OpenID Connect Core §9). */
export type TokenEndpointAuthMethod = 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt' | 'none';

/** What Gatebook has to know of one OpenID Connect connection to send people there and to check what comes back. */
export interface OidcSettings {
  /** Id of the connection. */
  readonly connection: string;
  /** As the discovery document says it, letter by letter. `{tenantid}` stands for one of `tenants` (Entra, several tenants). */
  readonly issuer: string;
  readonly clientId: string;
  /** For the two `client_secret` methods. */
  readonly clientSecret: string | null;
  readonly tokenEndpointAuthMethod: TokenEndpointAuthMethod;
  /** For `private_key_jwt`: a key that may sign, and the id under which the provider knows it. */
  readonly privateKey: { readonly key: CryptoKey; readonly kid: string } | null;
  readonly redirectUri: string;
  /** Contains `openid`. */
  readonly scopes: readonly string[];
  /** Ask the userinfo endpoint for what the ID token does not say. */
  readonly userinfo: boolean;
  /** Entra tenant ids (`tid`) that may come; empty: not looked at. Needed where the issuer is a template. */
  readonly tenants: readonly string[];
  /** Google Workspace domains (`hd`) that may come; empty: not looked at. */
  readonly hostedDomains: readonly string[];
  /** Authentication contexts to ask for; whether they are met is for admission to say. */
  readonly acrValues: readonly string[];
  readonly prompt: 'login' | 'consent' | 'select_account' | null;
  /** The person must have authenticated at the provider within this time. */
  readonly maxAgeSeconds: number | null;
  /** Signature algorithms that ID tokens and logout tokens may have, see {@link DEFAULT_ALGORITHMS}. */
  readonly algorithms: readonly string[];
  /** Tolerance between the two clocks, 0 to 600 s. */
  readonly clockSkewSeconds: number;
  /** `oid`: Entra's id of a person, the same for every application; with `tid` before it. */
  readonly identifyBy: 'sub' | 'oid';
}

/** Good today, and what providers use. */
export const DEFAULT_ALGORITHMS: readonly string[] = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'];
/** Where the tenant stands in an issuer of Entra for several tenants. */
export const TENANT_PLACE = '{tenantid}';
/** A day: more is no statement about this sign-in. */
export const AUTHENTICATION_AGE_MAX_SECONDS = 86_400;
const TEXT_LENGTH_MAX = 2048;
const LIST_MAX = 100;

/** A connection's OpenID Connect, OAuth 2.0 or JWT settings cannot work; `message` says which one and why. */
export class OidcSettingsError extends DomainError {
  readonly code = 'oidc-settings-invalid';
  readonly kind = 'invalid';
}

/** Settings that were found good; they are immutable, so once is enough. */
const checked = new WeakSet<OidcSettings>();

/**
 * Checks settings before anything relies on them: when a connection is configured, and again before its first use.
 * @throws {OidcSettingsError} naming the connection, the setting and the rule
 */
export function checkOidcSettings(settings: OidcSettings): void {
  if (checked.has(settings)) return;
  const wrong =
    wrongUrl('issuer', settings.issuer.replace(TENANT_PLACE, 'tenant')) ??
    wrongUrl('redirectUri', settings.redirectUri) ??
    wrongText('clientId', settings.clientId) ??
    wrongCredential(settings) ??
    wrongAlgorithms(settings.algorithms) ??
    wrongSkew(settings.clockSkewSeconds) ??
    wrongTenants(settings) ??
    wrongRest(settings);
  if (wrong) throw new OidcSettingsError(`Connection ${settings.connection}: ${wrong}`);
  checked.add(settings);
}

/** What is wrong with a web address, in words. No fragment, no user, no bytes that could end it early. */
export function wrongUrl(name: string, url: string): string | undefined {
  const parsed = url.length <= TEXT_LENGTH_MAX && URL.canParse(url) ? new URL(url) : undefined;
  const plain =
    parsed && /^https?:$/.test(parsed.protocol) && !parsed.username && !parsed.password && !url.includes('#');
  return plain ? undefined : `${name} must be an http or https URL without user and fragment.`;
}

/** What is wrong with an opaque text, in words. */
export function wrongText(name: string, text: string): string | undefined {
  const good = text.length > 0 && text.length <= TEXT_LENGTH_MAX && !/[\p{Cc}\p{Cs}]/u.test(text);
  return good ? undefined : `${name} must have 1 to ${TEXT_LENGTH_MAX} printable characters.`;
}

/** What is wrong with a list of signature algorithms, in words. */
export function wrongAlgorithms(algorithms: readonly string[]): string | undefined {
  const known = algorithms.length > 0 && algorithms.every((name) => SIGNATURE_ALGORITHMS.includes(name));
  return known ? undefined : `algorithms must be some of ${SIGNATURE_ALGORITHMS.join(', ')}.`;
}

/** What is wrong with a tolerance between clocks, in words. */
export function wrongSkew(seconds: number): string | undefined {
  const good = seconds >= 0 && seconds <= CLOCK_SKEW_MAX_SECONDS;
  return good ? undefined : `clockSkew must be 0 to ${CLOCK_SKEW_MAX_SECONDS} seconds.`;
}

function wrongCredential({ tokenEndpointAuthMethod, clientSecret, privateKey }: OidcSettings): string | undefined {
  if (tokenEndpointAuthMethod === 'none') return undefined;
  if (tokenEndpointAuthMethod === 'private_key_jwt') {
    const signs = privateKey?.key.type === 'private' && privateKey.key.usages.includes('sign');
    return signs ? undefined : 'private_key_jwt needs a private key that may sign.';
  }
  return clientSecret ? undefined : `${tokenEndpointAuthMethod} needs clientSecret.`;
}

function wrongTenants({ issuer, tenants, identifyBy }: OidcSettings): string | undefined {
  if (issuer.includes(TENANT_PLACE) && tenants.length === 0) {
    return `an issuer with ${TENANT_PLACE} needs tenants: the ids of the tenants that may come.`;
  }
  const words = tenants.every((tenant) => /^[\w.-]{1,100}$/.test(tenant));
  if (!words) return 'tenants must be tenant ids.';
  return identifyBy === 'sub' || identifyBy === 'oid' ? undefined : 'identifyBy must be sub or oid.';
}

function wrongRest({ scopes, acrValues, hostedDomains, tenants, maxAgeSeconds }: OidcSettings): string | undefined {
  if (!scopes.includes('openid')) return 'scopes must contain openid; without it, use protocol oauth2.';
  const lists = [scopes, acrValues, hostedDomains, tenants];
  if (lists.some((list) => list.length > LIST_MAX)) return `no list may have more than ${LIST_MAX} entries.`;
  const words = [...scopes, ...acrValues].every((word) => /^[\x21\x23-\x5b\x5d-\x7e]{1,512}$/.test(word));
  if (!words) return 'scopes and acrValues must be words without spaces and quotes.';
  const age = maxAgeSeconds === null || (maxAgeSeconds >= 0 && maxAgeSeconds <= AUTHENTICATION_AGE_MAX_SECONDS);
  return age ? undefined : `maxAge must be 0 to ${AUTHENTICATION_AGE_MAX_SECONDS} seconds.`;
}
