import { type CompactToken, isExactText, parseToken, textClaim, timeClaim, tokenIdOf } from '../jwt/compact-token.js';
import type { KeySource } from '../jwt/issuer-keys.js';
import type { KeySet } from '../jwt/key-set.js';
import {
  audiencesOf,
  check,
  headerChecks,
  issuerCheck,
  refuseUnlessPassed,
  type TokenCheck,
  timeChecks,
} from '../jwt/token-checks.js';
import { checkSignature } from '../jwt/token-signature.js';
import type { IdentityEvidence } from '../verified-identity.js';
import { type OidcSettings, TENANT_PLACE } from './oidc-settings.js';

const AMR_MAX = 20;

/** What an ID token is checked against, apart from the settings. */
export interface IdTokenContext {
  readonly now: Date;
  /** What was sent with the request; null: not known (a token from a file), so that it cannot be checked. */
  readonly nonce: string | null;
  /** null: no keys were given, so that the signature cannot be checked. */
  readonly keys: KeySource | null;
}

/** A token with every check that was made on it. */
export interface ExaminedToken {
  readonly token: CompactToken;
  readonly checks: readonly TokenCheck[];
  /** What the signature proves; null unless it is valid. */
  readonly evidence: IdentityEvidence | null;
  readonly keys: KeySet | null;
}

/**
 * Makes every check on an ID token and refuses nothing: {@link verifyIdToken} does, and the command line explains.
 * @see OpenID Connect Core §3.1.3.7
 * @throws {OidcRefusedError} `malformed-token`, `too-large`, `unsupported-algorithm` when it cannot be taken apart
 */
export async function examineIdToken(
  raw: string,
  settings: OidcSettings,
  context: IdTokenContext,
): Promise<ExaminedToken> {
  const token = parseToken(raw);
  const signature = await checkSignature(token, settings.algorithms, context.keys);
  const clock = { now: context.now, skewSeconds: settings.clockSkewSeconds };
  const checks = [
    ...headerChecks(token, ['jwt'], settings.algorithms),
    signature.check,
    ...tenantChecks(token, settings),
    issuerCheck(token, issuerFor(settings, token.claims)),
    ...audienceChecks(token, settings.clientId),
    ...timeChecks(token, clock),
    nonceCheck(token, context.nonce),
    ...authenticationAgeChecks(token, settings, context.now),
    ...hostedDomainChecks(token, settings.hostedDomains),
    ...subjectChecks(token, settings),
  ];
  const evidence = signature.keySha256 ? evidenceOf(token, signature.keySha256) : null;
  return { token, checks, evidence, keys: signature.keys };
}

/**
 * Verifies an ID token.
 * @throws {OidcRefusedError} with the code of the first check that failed, or could not be made
 */
export async function verifyIdToken(
  raw: string,
  settings: OidcSettings,
  context: IdTokenContext,
): Promise<VerifiedToken> {
  const { token, checks, evidence, keys } = await examineIdToken(raw, settings, context);
  refuseUnlessPassed(checks, evidence);
  if (!evidence || !keys) throw new Error('A token passed its checks without a signature.');
  return { token, evidence, keys };
}

/** An ID token that passed every check. */
export interface VerifiedToken {
  readonly token: CompactToken;
  readonly evidence: IdentityEvidence;
  /** The keys by which it was verified. */
  readonly keys: KeySet;
}

/** The issuer that a token of this tenant has to name; undefined when its tenant is not allowed. */
export function issuerFor({ issuer, tenants }: OidcSettings, claims: CompactToken['claims']): string | undefined {
  if (!issuer.includes(TENANT_PLACE)) return issuer;
  const tid = textClaim(claims, 'tid');
  return tid !== undefined && includesName(tenants, tid) ? issuer.replace(TENANT_PLACE, () => tid) : undefined;
}

function tenantChecks({ claims }: CompactToken, { tenants }: OidcSettings): TokenCheck[] {
  if (tenants.length === 0) return [];
  const passed = includesName(tenants, textClaim(claims, 'tid') ?? '');
  return [
    check('tenant', passed, 'wrong-tenant', 'The person’s tenant (tid) has to be one of the connection’s tenants.'),
  ];
}

/** More than one audience needs `azp`; one that is there has to be us. */
function audienceChecks(token: CompactToken, clientId: string): TokenCheck[] {
  const audiences = audiencesOf(token);
  const { azp } = token.claims;
  return [
    check(
      'audience',
      audiences.includes(clientId),
      'wrong-audience',
      'The token has to be for this client (aud). Compare clientId with the provider.',
    ),
    check(
      'authorized party',
      azp === undefined ? audiences.length === 1 : azp === clientId,
      'wrong-authorized-party',
      'The token has to be issued to this client alone (azp). Compare clientId with the provider.',
    ),
  ];
}

function nonceCheck({ claims }: CompactToken, nonce: string | null): TokenCheck {
  return check(
    'nonce',
    nonce === null ? null : nonce !== '' && textClaim(claims, 'nonce') === nonce,
    'nonce-mismatch',
    'The token has to answer the request of this browser (nonce). Start the sign-in again.',
  );
}

function authenticationAgeChecks({ claims }: CompactToken, settings: OidcSettings, now: Date): TokenCheck[] {
  if (settings.maxAgeSeconds === null) return [];
  const at = timeClaim(claims, 'auth_time');
  const limitMs = (settings.maxAgeSeconds + settings.clockSkewSeconds) * 1000;
  const passed = at !== undefined && now.getTime() - at <= limitMs;
  return [
    check(
      'time of authentication',
      passed,
      'authentication-too-old',
      `The person has to have authenticated within ${settings.maxAgeSeconds} seconds (auth_time). Sign in again.`,
    ),
  ];
}

function hostedDomainChecks({ claims }: CompactToken, domains: readonly string[]): TokenCheck[] {
  if (domains.length === 0) return [];
  const passed = includesName(domains, textClaim(claims, 'hd') ?? '');
  return [
    check(
      'hosted domain',
      passed,
      'wrong-hosted-domain',
      'The person’s account has to belong to one of the connection’s hosted domains (hd).',
    ),
  ];
}

function subjectChecks({ claims }: CompactToken, { identifyBy, issuer }: OidcSettings): TokenCheck[] {
  const needed =
    identifyBy === 'oid' ? ['sub', 'oid', 'tid'] : issuer.includes(TENANT_PLACE) ? ['sub', 'tid'] : ['sub'];
  const passed = needed.every((name) => isExactText(textClaim(claims, name)));
  return [
    check('subject', passed, 'unnamed-subject', `The token has to say who the person is (${needed.join(', ')}).`),
  ];
}

/** Tenant ids and domains are the same in any case of letters. */
const includesName = (names: readonly string[], name: string) =>
  names.some((each) => each.toLowerCase() === name.toLowerCase());

/** What a signed token proves, for the record: of accepted ones and of those that were refused. */
export function evidenceOf(token: CompactToken, keySha256: string): IdentityEvidence {
  const { claims } = token;
  const authnInstant = timeClaim(claims, 'auth_time');
  const amr = Array.isArray(claims['amr']) ? claims['amr'] : [];
  return {
    issuer: bounded(textClaim(claims, 'iss')) ?? '',
    assertionId: tokenIdOf(textClaim(claims, 'jti') || token.signedSha256),
    keySha256,
    assertionSha256: token.signedSha256,
    authnInstant: authnInstant === undefined ? null : new Date(authnInstant).toISOString(),
    authnContext: bounded(textClaim(claims, 'acr')),
    amr: amr
      .flatMap((method: unknown) => (typeof method === 'string' ? (bounded(method) ?? []) : []))
      .slice(0, AMR_MAX),
    nameIdFormat: null,
    sessionIndex: bounded(textClaim(claims, 'sid')),
    initiatedBy: 'sp',
  };
}

/** Signed does not mean small or clean: what would not fit into a record is left out. */
const bounded = (text: string | undefined) => (isExactText(text) ? text : null);
