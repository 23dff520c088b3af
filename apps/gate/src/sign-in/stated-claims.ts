import type { Claims } from '#libs/domain';
import { claimsOf, NAME_ID_CLAIM, type VerifiedAssertion } from '#libs/federation';

/** What an assertion states beside its subject, under every name that a mapping may use: this is what is recorded, and what rules are evaluated over again. */
export function statedClaims(assertion: VerifiedAssertion): Claims {
  const claims = new Map(claimsOf(assertion));
  claims.delete(NAME_ID_CLAIM);
  return claims;
}
