import { type OidcRefusalCode, refusal } from '../oidc/oidc-refused.error.js';
import type { IdentityEvidence } from '../verified-identity.js';
import { type CompactToken, textClaim, timeClaim } from './compact-token.js';

/** One check of a token, in words. */
export interface TokenCheck {
  readonly check: string;
  /** null: could not be checked, because what it needs was not given. Such a check proves nothing. */
  readonly passed: boolean | null;
  /** The refusal that this check means when it fails. */
  readonly code: OidcRefusalCode;
  /** What was looked for; when it failed, what to do. Holds no personal data. */
  readonly detail: string;
}

/** Puts a check together. */
export function check(name: string, passed: boolean | null, code: OidcRefusalCode, detail: string): TokenCheck {
  return { check: name, passed, code, detail };
}

/** A clock with the tolerance of a connection. */
export interface TokenClock {
  readonly now: Date;
  readonly skewSeconds: number;
}

/**
 * Refuses a token whose checks did not all pass, with the first that failed.
 * @throws {OidcRefusedError} with the evidence, where the signature was valid
 */
export function refuseUnlessPassed(checks: readonly TokenCheck[], evidence: IdentityEvidence | null): void {
  const failed = checks.find(({ passed }) => passed !== true);
  if (failed) throw refusal(failed.code, failed.detail, evidence);
}

/** Only types in `types` (lower case), or none at all; no extension that must be understood (RFC 7515 §4.1.11). */
export function headerChecks(
  { header }: CompactToken,
  types: readonly string[],
  algorithms: readonly string[],
): TokenCheck[] {
  const { typ, alg, crit } = header;
  const type = typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : undefined;
  const list = algorithms.join(', ');
  return [
    check(
      'type',
      typ === undefined || (type !== undefined && types.includes(type)),
      'unsupported-token-type',
      `The token has to be of type ${types.join(' or ')}; this may be a token for another purpose.`,
    ),
    check(
      'algorithm',
      typeof alg === 'string' && algorithms.includes(alg),
      'unsupported-algorithm',
      `The token has to be signed with one of ${list}. Set one of them at the provider.`,
    ),
    check(
      'extensions',
      crit === undefined,
      'unsupported-header',
      'The header must name no extension that has to be understood (crit).',
    ),
  ];
}

/** The issuer, letter by letter (OpenID Connect Core §3.1.3.7, 2). */
export function issuerCheck({ claims }: CompactToken, expected: string | undefined): TokenCheck {
  return check(
    'issuer',
    expected !== undefined && textClaim(claims, 'iss') === expected,
    'wrong-issuer',
    `The token has to name the issuer ${expected ?? 'of an allowed tenant'}. Compare it with the connection's.`,
  );
}

/** `aud` as a list. */
export function audiencesOf({ claims }: CompactToken): readonly unknown[] {
  const aud = claims['aud'];
  return Array.isArray(aud) ? aud : [aud];
}

/** It has begun, it has not ended, and it was not made in the future. `exp` and `iat` have to be there. */
export function timeChecks({ claims }: CompactToken, { now, skewSeconds }: TokenClock): TokenCheck[] {
  const skewMs = skewSeconds * 1000;
  const end = timeClaim(claims, 'exp');
  const made = timeClaim(claims, 'iat');
  const begin = claims['nbf'] === undefined ? Number.NEGATIVE_INFINITY : timeClaim(claims, 'nbf');
  return [
    check(
      'expiry',
      end !== undefined && now.getTime() - skewMs < end,
      'expired',
      'The token has to say when it ends (exp), and that must not have passed. Compare the clocks.',
    ),
    check(
      'start',
      begin !== undefined && begin <= now.getTime() + skewMs,
      'not-yet-valid',
      'The token must not begin in the future (nbf). Compare the clocks.',
    ),
    check(
      'time of issue',
      made !== undefined && made <= now.getTime() + skewMs,
      'not-yet-valid',
      'The token has to say when it was made (iat), and not in the future. Compare the clocks.',
    ),
  ];
}

/** The token as if it ended so long after it was made, where it does not say when it ends. */
export function expiringAfter(token: CompactToken, seconds: number): CompactToken {
  const made = timeClaim(token.claims, 'iat');
  if (token.claims['exp'] !== undefined || made === undefined) return token;
  return { ...token, claims: { ...token.claims, exp: made / 1000 + seconds } };
}

/** At most this old, by `iat`. */
export function ageCheck(
  { claims }: CompactToken,
  { now, skewSeconds }: TokenClock,
  maxAgeSeconds: number,
): TokenCheck {
  const made = timeClaim(claims, 'iat');
  return check(
    'age',
    made !== undefined && now.getTime() - made <= (maxAgeSeconds + skewSeconds) * 1000,
    'token-too-old',
    `The token must be at most ${maxAgeSeconds} seconds old. Ask for a new one.`,
  );
}
