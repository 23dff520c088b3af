import type { ConnectionSettings } from '#libs/contracts';
import type { Claims, PresentedIdentity } from '#libs/domain';
import { NAME_ID_CLAIM, type VerifiedIdentity } from '#libs/federation';

/** What a source states beside the subject, under every name that a mapping may use. */
export function statedClaims(identity: Pick<VerifiedIdentity, 'claims'>): Claims {
  const claims = new Map(identity.claims);
  claims.delete(NAME_ID_CLAIM);
  return claims;
}

/**
 * What is recorded of a sign-in. The subject's own name is recorded as the subject; where a connection takes an attribute for that, the name
 * stands among the claims, since conditions and expressions may ask for it when rules are evaluated over again.
 */
export function recordedClaims(
  identity: Pick<VerifiedIdentity, 'claims' | 'subject'>,
  { subject }: Pick<ConnectionSettings, 'subject'>,
): Claims {
  const stated = statedClaims(identity);
  return subject === 'nameId' ? stated : new Map([...stated, [NAME_ID_CLAIM, [identity.subject.value]]]);
}

/** A verified identity, as far as deciding about a person needs it. */
export function presented({ subject, claims, evidence, groupsOverage }: VerifiedIdentity): PresentedIdentity {
  const authentication = { context: evidence.authnContext, methods: evidence.amr };
  return { subject, claims, authentication, groupsOverage };
}
