import { type CompactToken, isExactText, parseToken, textClaim, timeClaim, tokenIdOf } from '../jwt/compact-token.js';
import type { KeySource } from '../jwt/issuer-keys.js';
import {
  ageCheck,
  audiencesOf,
  check,
  expiringAfter,
  headerChecks,
  issuerCheck,
  refuseUnlessPassed,
  type TokenCheck,
  timeChecks,
} from '../jwt/token-checks.js';
import { checkSignature } from '../jwt/token-signature.js';
import { CLOCK_SKEW_MAX_SECONDS } from '../saml/saml-settings.js';
import { evidenceOf, issuerFor } from './id-token.js';
import { checkOidcSettings, type OidcSettings, TENANT_PLACE } from './oidc-settings.js';

/** A logout token speaks of now; its issuer should let it live for two minutes at most (Back-Channel Logout §2.4). */
export const LOGOUT_TOKEN_AGE_MAX_SECONDS = 300;
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/** A provider says that a person, or one session of a person, ended there. */
export interface LogoutNotice {
  readonly issuer: string;
  /** `sub` as the token has it; null: only the session is named. */
  readonly subject: string | null;
  /** Who is meant, as `VerifiedIdentity.subject` names them; null where the token cannot say so (`identifyBy: oid` without `oid`). */
  readonly person: string | null;
  /** Session at the provider (`sid`); null: all sessions of the person. */
  readonly sid: string | null;
  /** Names the notice, for refusing it a second time until `notOnOrAfter`. */
  readonly tokenId: string;
  /** RFC 7638 thumbprint (SHA-256, hex) of the key that signed it. */
  readonly keySha256: string;
  readonly issuedAt: string;
  readonly notOnOrAfter: string;
}

/**
 * Verifies a logout token.
 * @see OpenID Connect Back-Channel Logout 1.0 §2.6
 * @throws {OidcRefusedError} with evidence where the signature was valid
 */
export async function verifyLogoutToken(
  raw: string,
  settings: OidcSettings,
  now: Date,
  keys: KeySource,
): Promise<LogoutNotice> {
  checkOidcSettings(settings);
  const token = parseToken(raw);
  const clock = { now, skewSeconds: settings.clockSkewSeconds };
  const signature = await checkSignature(token, settings.algorithms, keys);
  const checks = [
    ...headerChecks(token, ['logout+jwt', 'jwt'], settings.algorithms),
    signature.check,
    issuerCheck(token, issuerFor(settings, token.claims)),
    audienceCheck(token, settings.clientId),
    // `exp` is required since 2023; before, providers left it out, and the age bounds those
    ...timeChecks(expiringAfter(token, LOGOUT_TOKEN_AGE_MAX_SECONDS), clock),
    ageCheck(token, clock, LOGOUT_TOKEN_AGE_MAX_SECONDS),
    purposeCheck(token),
    subjectCheck(token),
    tokenIdCheck(token),
  ];
  refuseUnlessPassed(checks, signature.keySha256 ? evidenceOf(token, signature.keySha256) : null);
  return noticeOf(token, settings, signature.keySha256 ?? '');
}

function noticeOf({ claims }: CompactToken, settings: OidcSettings, keySha256: string): LogoutNotice {
  const issuedAt = timeClaim(claims, 'iat') ?? 0;
  return {
    issuer: textClaim(claims, 'iss') ?? '',
    subject: textClaim(claims, 'sub') ?? null,
    person: personOf(claims, settings),
    sid: textClaim(claims, 'sid') ?? null,
    tokenId: tokenIdOf(textClaim(claims, 'jti') ?? ''),
    keySha256,
    issuedAt: new Date(issuedAt).toISOString(),
    notOnOrAfter: new Date(issuedAt + (LOGOUT_TOKEN_AGE_MAX_SECONDS + CLOCK_SKEW_MAX_SECONDS) * 1000).toISOString(),
  };
}

function personOf(claims: CompactToken['claims'], { identifyBy, issuer }: OidcSettings): string | null {
  const id = textClaim(claims, identifyBy);
  const inTenant = identifyBy === 'oid' || issuer.includes(TENANT_PLACE);
  const tenant = textClaim(claims, 'tid');
  if (!id || (inTenant && !tenant)) return null;
  return inTenant ? `${tenant}/${id}` : id;
}

function audienceCheck(token: CompactToken, clientId: string): TokenCheck {
  const passed = audiencesOf(token).includes(clientId);
  return check('audience', passed, 'wrong-audience', 'The token has to be for this client (aud).');
}

/** It is about a logout and nothing else: a nonce would make it usable as an ID token. */
function purposeCheck({ claims }: CompactToken): TokenCheck {
  const { events } = claims;
  const event =
    typeof events === 'object' && events !== null && Object.hasOwn(events, EVENT) ? Reflect.get(events, EVENT) : null;
  return check(
    'purpose',
    typeof event === 'object' && event !== null && !Object.hasOwn(claims, 'nonce'),
    'not-a-logout-token',
    'The token has to announce a back-channel logout (events) and must not have a nonce.',
  );
}

function subjectCheck({ claims }: CompactToken): TokenCheck {
  const named = ['sub', 'sid'].filter((name) => claims[name] !== undefined);
  const texts = named.every((name) => isExactText(textClaim(claims, name)));
  return check(
    'subject',
    named.length > 0 && texts,
    'unnamed-subject',
    'The token has to name a person (sub) or a session (sid).',
  );
}

function tokenIdCheck({ claims }: CompactToken): TokenCheck {
  const passed = isExactText(textClaim(claims, 'jti'));
  return check('token id', passed, 'missing-token-id', 'The token has to have an id of its own (jti).');
}
