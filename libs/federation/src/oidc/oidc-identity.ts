import { textClaim, timeClaim } from '../jwt/compact-token.js';
import { claimsOfJson } from '../jwt/json-claims.js';
import { type Claims, NAME_ID_CLAIM } from '../saml/claims.js';
import { CLOCK_SKEW_MAX_SECONDS } from '../saml/saml-settings.js';
import type { VerifiedIdentity } from '../verified-identity.js';
import { saysGroupsOverage, withoutGroups } from './groups-overage.js';
import type { VerifiedToken } from './id-token.js';
import { withEvidence } from './oidc-refused.error.js';
import { type OidcSettings, TENANT_PLACE } from './oidc-settings.js';

/** An ID token answers one request, by its nonce: after a day no request can be waiting for it. */
const ANSWER_AGE_MAX_MS = 86_400_000;

/**
 * Lays a verified ID token out as an identity, with what the userinfo endpoint adds.
 * What the token says is signed and wins over userinfo; userinfo never says who the person is.
 * @throws {OidcRefusedError} `malformed-claim` with evidence
 */
export function oidcIdentity(
  { token, evidence }: VerifiedToken,
  settings: OidcSettings,
  userinfo: Readonly<Record<string, unknown>> | null,
): VerifiedIdentity {
  return withEvidence(evidence, () => {
    const value = subjectOf(token.claims, settings);
    const overage = [token.claims, userinfo ?? {}].some(saysGroupsOverage);
    const said = new Map([
      ...(userinfo ? claimsOfJson(userinfo) : []),
      ...claimsOfJson(token.claims),
      [NAME_ID_CLAIM, [value]],
    ]);
    const end = timeClaim(token.claims, 'exp') ?? 0;
    const made = timeClaim(token.claims, 'iat') ?? 0;
    return {
      protocol: 'oidc',
      subject: { value, format: settings.identifyBy },
      claims: overage ? withoutGroups(said) : (said as Claims),
      evidence,
      groupsOverage: overage,
      sessionNotOnOrAfter: null,
      notOnOrAfter: new Date(Math.min(end, made + ANSWER_AGE_MAX_MS) + CLOCK_SKEW_MAX_SECONDS * 1000).toISOString(),
      idToken: token.raw,
    };
  });
}

/**
 * Who the person is at the provider: `sub`, or Entra's `oid`. The tenant stands before it where several may come, so that nobody
 * in one tenant can be taken for somebody in another. Never an e-mail address, which can be changed and given to someone else.
 */
function subjectOf(claims: Readonly<Record<string, unknown>>, { identifyBy, issuer }: OidcSettings): string {
  const id = textClaim(claims, identifyBy) ?? '';
  const inTenant = identifyBy === 'oid' || issuer.includes(TENANT_PLACE);
  return inTenant ? `${textClaim(claims, 'tid') ?? ''}/${id}` : id;
}
