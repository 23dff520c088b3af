import type { VerifiedIdentity } from '../verified-identity.js';
import { claimsOf } from './claims.js';
import type { AssertionEvidence, VerifiedAssertion } from './verified-assertion.js';

/** Entra ID sends it in place of groups when there are too many: where they could be read. */
const GROUPS_LINK = 'http://schemas.microsoft.com/claims/groups.link';

/** What a verified assertion says, in the shape that every protocol ends in. */
export function samlIdentityOf(assertion: VerifiedAssertion): VerifiedIdentity {
  return {
    protocol: 'saml',
    subject: assertion.nameId,
    claims: claimsOf(assertion),
    evidence: samlEvidenceOf(assertion),
    groupsOverage: assertion.attributes.has(GROUPS_LINK),
    sessionNotOnOrAfter: assertion.sessionNotOnOrAfter,
    notOnOrAfter: assertion.notOnOrAfter,
  };
}

/** What proves an assertion, in the shape of every protocol; SAML names no methods of authentication beside the context. */
export function samlEvidenceOf(evidence: AssertionEvidence): VerifiedIdentity['evidence'] {
  const { issuer, assertionId, certificateSha256, assertionSha256, authnInstant, authnContext } = evidence;
  const { nameIdFormat, sessionIndex, initiatedBy } = evidence;
  return {
    issuer,
    assertionId,
    keySha256: certificateSha256,
    assertionSha256,
    authnInstant,
    authnContext,
    amr: [],
    nameIdFormat,
    sessionIndex,
    initiatedBy,
  };
}
