import { createHash } from 'node:crypto';
import type { SignedIn, SignInRefused } from '#libs/contracts';
import { type Claims, type Groups, type Judgement, toClaimList } from '#libs/domain';
import type { IdentityEvidence } from '#libs/federation';
import { SOFTWARE_VERSION } from '#libs/platform';
import { statedClaims } from './stated-claims.js';
import type { Client, VerifiedSignIn } from './verified-sign-in.js';

/** Methods of authentication that are recorded of one sign-in. */
const METHODS_MAX = 20;

/** The evidence of a sign-in, for the account that it admits. */
export function signedIn(
  signIn: VerifiedSignIn,
  to: {
    account: string;
    directory: string;
    connectionVersion: number;
    subject: string;
    groups: Groups;
    judgements: readonly Judgement[];
    claims: Claims;
  },
): SignedIn {
  const { identity } = signIn;
  return {
    type: 'SignedIn',
    data: {
      account: to.account,
      connection: signIn.connection,
      connectionVersion: to.connectionVersion,
      protocol: identity.protocol,
      directory: to.directory,
      subject: to.subject,
      proof: proofOf(identity.evidence),
      sessionNotOnOrAfter: identity.sessionNotOnOrAfter,
      claims: toClaimList(to.claims),
      groups: to.groups.known ? 'known' : 'unknown',
      judgements: to.judgements.map(({ rule, version, matched, why }) => ({ rule, version, matched, why })),
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
  /** The rule of admission that turned the person away. */
  readonly rule: string | null;
  readonly proof: IdentityEvidence | null;
  /** What the source said, where it was verified. */
  readonly said: VerifiedSignIn['identity'] | null;
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
      subject: said?.subject.value ?? null,
      claims: said && toClaimList(statedClaims(said)),
      client,
      softwareVersion: SOFTWARE_VERSION,
    },
  };
}

function proofOf(evidence: IdentityEvidence): SignedIn['data']['proof'] {
  const { issuer, assertionId, keySha256, assertionSha256, authnInstant, initiatedBy } = evidence;
  const { authnContext, amr, nameIdFormat, sessionIndex } = evidence;
  return {
    issuer: bounded(issuer, 1024),
    assertionId: bounded(assertionId, 512),
    certificateSha256: keySha256,
    assertionSha256,
    authnInstant,
    authnContext: authnContext && bounded(authnContext, 1024),
    amr: amr.slice(0, METHODS_MAX).map((method) => bounded(method, 128)),
    nameIdFormat: nameIdFormat && bounded(nameIdFormat, 512),
    sessionIndex: sessionIndex && bounded(sessionIndex, 512),
    initiatedBy,
  };
}

/** Over-long identifiers of an identity provider are recorded by their digest, so that none can be confused with another. */
function bounded(text: string, length: number): string {
  return text.length <= length ? text : `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
