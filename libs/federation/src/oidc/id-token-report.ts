import { givenKeys, type KeySource } from '../jwt/issuer-keys.js';
import { keySetOf } from '../jwt/key-set.js';
import { check, type TokenCheck } from '../jwt/token-checks.js';
import type { VerifiedIdentity } from '../verified-identity.js';
import { examineIdToken } from './id-token.js';
import { oidcIdentity } from './oidc-identity.js';
import { OidcRefusedError } from './oidc-refused.error.js';
import { checkOidcSettings, type OidcSettings } from './oidc-settings.js';

/** What is known besides the token. */
export interface IdTokenReportOptions {
  readonly at: Date;
  /** What was sent with the request; without it the nonce is reported as not checked, and that alone refuses nothing. */
  readonly nonce?: string;
  /** The issuer's keys: a JSON Web Key Set, or where they come from. Without them the signature is not checked and nothing accepted. */
  readonly jwks?: Readonly<Record<string, unknown>> | KeySource;
}

/** An ID token, explained. */
export interface IdTokenReport {
  /** null: no check failed, but the signature could not be checked. */
  readonly accepted: boolean | null;
  readonly checks: readonly TokenCheck[];
  /** Who it says the person is; null unless accepted. */
  readonly identity: VerifiedIdentity | null;
}

/**
 * Explains every check on an ID token that somebody has as a text, by the code that signs people in.
 * @throws {OidcSettingsError} {ProviderUnreachableError} {ProviderMetadataError} when it could not be looked at
 */
export async function checkIdToken(
  raw: string,
  settings: OidcSettings,
  options: IdTokenReportOptions,
): Promise<IdTokenReport> {
  checkOidcSettings(settings);
  try {
    return await report(raw.trim(), settings, options);
  } catch (cause) {
    if (!(cause instanceof OidcRefusedError)) throw cause;
    const failed = check('form', false, cause.code, cause.message);
    return { accepted: false, checks: [failed], identity: null };
  }
}

async function report(
  raw: string,
  settings: OidcSettings,
  { at, nonce, jwks }: IdTokenReportOptions,
): Promise<IdTokenReport> {
  const examined = await examineIdToken(raw, settings, { now: at, nonce: nonce ?? null, keys: sourceOf(jwks) });
  const { checks, evidence, token, keys } = examined;
  if (checks.some(({ passed }) => passed === false)) return { accepted: false, checks, identity: null };
  if (!evidence || !keys) return { accepted: null, checks, identity: null };
  const [identity, claimCheck] = identityOf({ token, evidence, keys }, settings);
  return { accepted: identity !== null, checks: [...checks, claimCheck], identity };
}

function identityOf(
  verified: Parameters<typeof oidcIdentity>[0],
  settings: OidcSettings,
): [VerifiedIdentity | null, TokenCheck] {
  try {
    const identity = oidcIdentity(verified, settings, null);
    return [identity, check('claims', true, 'malformed-claim', 'Names and values have to be text, within the limits.')];
  } catch (cause) {
    if (!(cause instanceof OidcRefusedError)) throw cause;
    return [null, check('claims', false, cause.code, cause.message)];
  }
}

function sourceOf(jwks: IdTokenReportOptions['jwks']): KeySource | null {
  if (!jwks) return null;
  return isSource(jwks) ? jwks : givenKeys(keySetOf(jwks));
}

const isSource = (jwks: NonNullable<IdTokenReportOptions['jwks']>): jwks is KeySource =>
  typeof jwks['current'] === 'function';
