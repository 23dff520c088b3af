import { DomainError } from '#libs/kernel';
import { wrongText, wrongUrl } from '../oidc/oidc-settings.js';
import type { AllowHttp } from '../oidc/provider-metadata.js';

/** What Gatebook has to know of a provider that speaks OAuth 2.0 without ID tokens, as GitHub does. */
export interface OAuth2Settings {
  /** Id of the connection. */
  readonly connection: string;
  readonly authorizationUrl: string;
  readonly tokenUrl: string;
  /** Where the person's profile is read with the access token, as a JSON object. */
  readonly profileUrl: string;
  /** A list of e-mail addresses as GitHub's `/user/emails`: replaces what the profile says about e-mail. */
  readonly emailsUrl: string | null;
  readonly clientId: string;
  /** Sent in the body of the token request; null for a public client. */
  readonly clientSecret: string | null;
  readonly scopes: readonly string[];
  readonly redirectUri: string;
  /** Path to the stable id of a person in the profile, as `id` or `user.id`. Never an e-mail address or a name. */
  readonly subject: string;
  /** Path to the e-mail address; null: none. */
  readonly email: string | null;
  /** Path to a boolean that says whether it is verified; null: it is not. */
  readonly emailVerified: string | null;
  /** What an `iss` in the answer has to be (RFC 9207); null: something at the origin of `authorizationUrl`. */
  readonly issuer: string | null;
}

/** A connection's OAuth 2.0 settings cannot work; `message` says which one and why. */
export class OAuth2SettingsError extends DomainError {
  readonly code = 'oauth-settings-invalid';
  readonly kind = 'invalid';
}

const SCOPES_MAX = 100;
const PATH = /^[^\p{Cc}\p{Cs}]{1,200}$/u;

/**
 * Checks settings before anything relies on them.
 * @param allowHttp where an address may be plain HTTP
 * @throws {OAuth2SettingsError} naming the connection, the setting and the rule
 */
export function checkOAuth2Settings(settings: OAuth2Settings, allowHttp: AllowHttp = () => false): void {
  const { authorizationUrl, tokenUrl, profileUrl, emailsUrl } = settings;
  const addresses = { authorizationUrl, tokenUrl, profileUrl, ...(emailsUrl === null ? {} : { emailsUrl }) };
  const wrong =
    Object.entries(addresses)
      .map(([name, url]) => wrongUrl(name, url) ?? wrongProtocol(name, url, allowHttp))
      .find((fault) => fault !== undefined) ??
    wrongUrl('redirectUri', settings.redirectUri) ??
    wrongText('clientId', settings.clientId) ??
    wrongPaths(settings) ??
    wrongScopes(settings.scopes);
  if (wrong) throw new OAuth2SettingsError(`Connection ${settings.connection}: ${wrong}`);
}

/** The provider's name for the record: its issuer, or the origin that people are sent to. */
export function issuerOf({ issuer, authorizationUrl }: OAuth2Settings): string {
  return issuer ?? new URL(authorizationUrl).origin;
}

function wrongProtocol(name: string, url: string, allowHttp: AllowHttp): string | undefined {
  const parsed = new URL(url);
  return parsed.protocol === 'https:' || allowHttp(parsed) ? undefined : `${name} must be an https URL.`;
}

function wrongPaths({ subject, email, emailVerified }: OAuth2Settings): string | undefined {
  const paths = [subject, email, emailVerified].every((path) => path === null || PATH.test(path));
  return paths ? undefined : 'subject, email and emailVerified must be names of the profile, with dots between levels.';
}

function wrongScopes(scopes: readonly string[]): string | undefined {
  if (scopes.includes('openid')) return 'with the scope openid the provider sends ID tokens: use protocol oidc.';
  const words = scopes.length <= SCOPES_MAX && scopes.every((word) => /^[\x21\x23-\x5b\x5d-\x7e]{1,512}$/.test(word));
  return words ? undefined : `scopes must be at most ${SCOPES_MAX} words without spaces and quotes.`;
}
