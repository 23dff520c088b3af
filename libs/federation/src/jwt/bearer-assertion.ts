import { DomainError } from '#libs/kernel';
import { saysGroupsOverage, withoutGroups } from '../oidc/groups-overage.js';
import { evidenceOf } from '../oidc/id-token.js';
import { withEvidence } from '../oidc/oidc-refused.error.js';
import { wrongAlgorithms, wrongSkew, wrongText, wrongUrl } from '../oidc/oidc-settings.js';
import type { AllowHttp } from '../oidc/provider-metadata.js';
import { NAME_ID_CLAIM } from '../saml/claims.js';
import { CLOCK_SKEW_MAX_SECONDS } from '../saml/saml-settings.js';
import type { IdentityEvidence, VerifiedIdentity } from '../verified-identity.js';
import { type CompactToken, isExactText, parseToken, textClaim, timeClaim } from './compact-token.js';
import { IssuerKeys } from './issuer-keys.js';
import { claimsOfJson } from './json-claims.js';
import {
  ageCheck,
  audiencesOf,
  check,
  headerChecks,
  issuerCheck,
  refuseUnlessPassed,
  type TokenCheck,
  timeChecks,
} from './token-checks.js';
import { checkSignature } from './token-signature.js';

/** What Gatebook has to know of an issuer of assertions to admit people by them. */
export interface JwtSettings {
  /** Id of the connection. */
  readonly connection: string;
  /** `iss`, letter by letter. */
  readonly issuer: string;
  /** Where its public keys are. */
  readonly jwksUri: string;
  /** The one audience of an assertion has to be one of these. */
  readonly audiences: readonly string[];
  readonly algorithms: readonly string[];
  /** 1 to 3600 s. */
  readonly maxAgeSeconds: number;
  /** Tolerance between the two clocks, 0 to 600 s. */
  readonly clockSkewSeconds: number;
}

/** An assertion is made for the moment. */
export const ASSERTION_AGE_MAX_SECONDS = 3600;
const AUDIENCES_MAX = 20;
const TYPES = ['jwt', 'authorization-grant+jwt'];

/** A connection's JWT settings cannot work; `message` says which one and why. */
export class JwtSettingsError extends DomainError {
  readonly code = 'jwt-settings-invalid';
  readonly kind = 'invalid';
}

/** What the verifier works with. */
export interface BearerVerifierOptions {
  /** Reads key sets, and decides where requests may go. */
  readonly fetch: typeof fetch;
  /** Addresses for which plain HTTP will do. Default: none. */
  readonly allowHttp?: AllowHttp;
}

/**
 * Verifies assertions by which a trusted issuer's people get tokens (RFC 7523 §3). One instance per process; it remembers published
 * keys only. Replay is the caller's to prevent: keep (connection, `evidence.assertionId`) until `notOnOrAfter`.
 */
export class BearerVerifier {
  readonly #keys: IssuerKeys;
  readonly #allowHttp: AllowHttp;

  constructor({ fetch, allowHttp = () => false }: BearerVerifierOptions) {
    this.#keys = new IssuerKeys(fetch);
    this.#allowHttp = allowHttp;
  }

  /**
   * Verifies one assertion: an issuer's key, our audience alone, its age, and that it names a person and itself.
   * @throws {OidcRefusedError} when the assertion is not accepted; `verified` says whether its signature was valid
   * @throws {JwtSettingsError} {ProviderUnreachableError} {ProviderMetadataError}
   */
  async verify(raw: string, settings: JwtSettings, now: Date): Promise<VerifiedIdentity> {
    checkJwtSettings(settings, this.#allowHttp);
    const token = parseToken(raw);
    const keys = this.#keys.of(settings.connection, settings.jwksUri, now);
    const signature = await checkSignature(token, settings.algorithms, keys);
    const evidence = signature.keySha256 ? bearerEvidence(token, signature.keySha256) : null;
    refuseUnlessPassed([...bearerChecks(token, settings, now, signature.check)], evidence);
    if (!evidence) throw new Error('An assertion passed its checks without a signature.');
    return withEvidence(evidence, () => identityOf(token, evidence));
  }
}

/**
 * Checks settings before anything relies on them.
 * @param allowHttp where the key set may lie on plain HTTP
 * @throws {JwtSettingsError} naming the connection, the setting and the rule
 */
export function checkJwtSettings(settings: JwtSettings, allowHttp: AllowHttp = () => false): void {
  const { audiences, maxAgeSeconds } = settings;
  const wrong =
    wrongText('issuer', settings.issuer) ??
    wrongUrl('jwksUri', settings.jwksUri) ??
    wrongProtocol(settings.jwksUri, allowHttp) ??
    wrongAlgorithms(settings.algorithms) ??
    wrongSkew(settings.clockSkewSeconds) ??
    (audiences.length >= 1 && audiences.length <= AUDIENCES_MAX
      ? undefined
      : `audiences must be 1 to ${AUDIENCES_MAX}.`) ??
    audiences.map((audience) => wrongText('an audience', audience)).find(Boolean) ??
    (maxAgeSeconds >= 1 && maxAgeSeconds <= ASSERTION_AGE_MAX_SECONDS
      ? undefined
      : `maxAge must be 1 to ${ASSERTION_AGE_MAX_SECONDS} seconds.`);
  if (wrong) throw new JwtSettingsError(`Connection ${settings.connection}: ${wrong}`);
}

function wrongProtocol(jwksUri: string, allowHttp: AllowHttp): string | undefined {
  const url = new URL(jwksUri);
  return url.protocol === 'https:' || allowHttp(url) ? undefined : 'jwksUri must be an https URL.';
}

function bearerChecks(token: CompactToken, settings: JwtSettings, now: Date, signature: TokenCheck): TokenCheck[] {
  const clock = { now, skewSeconds: settings.clockSkewSeconds };
  return [
    ...headerChecks(token, TYPES, settings.algorithms),
    signature,
    issuerCheck(token, settings.issuer),
    audienceCheck(token, settings.audiences),
    ...timeChecks(token, clock),
    ageCheck(token, clock, settings.maxAgeSeconds),
    check(
      'subject',
      isExactText(textClaim(token.claims, 'sub')),
      'unnamed-subject',
      'The assertion has to name a person (sub).',
    ),
    check(
      'token id',
      isExactText(textClaim(token.claims, 'jti')),
      'missing-token-id',
      'The assertion has to have an id of its own (jti).',
    ),
  ];
}

/** One audience and no other: whoever else could use an assertion could also bring it here. */
function audienceCheck(token: CompactToken, expected: readonly string[]): TokenCheck {
  const [audience, ...others] = audiencesOf(token);
  return check(
    'audience',
    typeof audience === 'string' && others.length === 0 && expected.includes(audience),
    'wrong-audience',
    `The assertion has to be for this server alone (aud): ${expected.join(' or ')}.`,
  );
}

function bearerEvidence(token: CompactToken, keySha256: string): IdentityEvidence {
  return { ...evidenceOf(token, keySha256), initiatedBy: 'idp' };
}

function identityOf(token: CompactToken, evidence: IdentityEvidence): VerifiedIdentity {
  const value = textClaim(token.claims, 'sub') ?? '';
  const overage = saysGroupsOverage(token.claims);
  const claims = new Map([...claimsOfJson(token.claims), [NAME_ID_CLAIM, [value]]]);
  const end = timeClaim(token.claims, 'exp') ?? 0;
  const made = timeClaim(token.claims, 'iat') ?? 0;
  const last = Math.min(end, made + ASSERTION_AGE_MAX_SECONDS * 1000) + CLOCK_SKEW_MAX_SECONDS * 1000;
  return {
    protocol: 'jwt',
    subject: { value, format: 'sub' },
    claims: overage ? withoutGroups(claims) : claims,
    evidence,
    groupsOverage: overage,
    sessionNotOnOrAfter: null,
    notOnOrAfter: new Date(last).toISOString(),
  };
}
