import { createHash } from 'node:crypto';
import type { SignedIn, SignInRefused } from '#libs/contracts';
import { type Groups, toClaimList } from '#libs/domain';
import type { AssertionEvidence } from '#libs/federation';
import { SOFTWARE_VERSION } from '#libs/platform';
import { statedClaims } from './stated-claims.js';
import type { Client, VerifiedSignIn } from './verified-sign-in.js';

/** The evidence of a sign-in, for the account that it admits. */
export function signedIn(
  signIn: VerifiedSignIn,
  to: { account: string; directory: string; connectionVersion: number; subject: string; groups: Groups },
): SignedIn {
  const { assertion } = signIn;
  return {
    type: 'SignedIn',
    data: {
      account: to.account,
      connection: signIn.connection,
      connectionVersion: to.connectionVersion,
      protocol: 'saml',
      directory: to.directory,
      subject: to.subject,
      proof: proofOf(assertion),
      sessionNotOnOrAfter: assertion.sessionNotOnOrAfter,
      claims: toClaimList(statedClaims(assertion)),
      groups: to.groups.known ? 'known' : 'unknown',
      client: signIn.client,
      softwareVersion: SOFTWARE_VERSION,
    },
  };
}

/** Why nobody came in. */
export interface Refusal {
  readonly connection: string | null;
  readonly connectionVersion: number | null;
  readonly code: string;
  readonly proof: AssertionEvidence | null;
  /** What the assertion said, where it was verified. */
  readonly said: VerifiedSignIn['assertion'] | null;
  readonly account: string | null;
  readonly evidence: string | null;
  readonly client: Client | null;
  readonly count: number;
  readonly from: string;
  readonly to: string;
}

/** A refusal as a fact. */
export function signInRefused(refusal: Refusal): SignInRefused {
  const { said, proof, client, ...facts } = refusal;
  return {
    type: 'SignInRefused',
    data: {
      ...facts,
      verified: proof !== null,
      proof: proof && proofOf(proof),
      subject: said?.nameId.value ?? null,
      claims: said && toClaimList(statedClaims(said)),
      client,
      softwareVersion: SOFTWARE_VERSION,
    },
  };
}

function proofOf(evidence: AssertionEvidence): SignedIn['data']['proof'] {
  const {
    issuer,
    assertionId,
    certificateSha256,
    assertionSha256,
    authnInstant,
    authnContext,
    nameIdFormat,
    sessionIndex,
    initiatedBy,
  } = evidence;
  return {
    issuer: bounded(issuer, 1024),
    assertionId: bounded(assertionId, 512),
    certificateSha256,
    assertionSha256,
    authnInstant,
    authnContext: authnContext && bounded(authnContext, 1024),
    nameIdFormat: nameIdFormat && bounded(nameIdFormat, 512),
    sessionIndex: sessionIndex && bounded(sessionIndex, 512),
    initiatedBy,
  };
}

/** Over-long identifiers of an identity provider are recorded by their digest, so that none can be confused with another. */
function bounded(text: string, length: number): string {
  return text.length <= length ? text : `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
