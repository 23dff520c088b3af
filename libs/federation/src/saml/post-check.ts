import { readAttributes } from './attributes.js';
import type { SamlCheck } from './check-observer.js';
import { checkAudience, checkConditions, endOfConditions } from './conditions.js';
import { readNameId } from './name-id.js';
import { demand } from './saml-refused.error.js';
import { ASSERTION_AGE_MAX_SECONDS, CLOCK_SKEW_MAX_SECONDS, type SamlSettings } from './saml-settings.js';
import { ASSERTION, childrenOf, demandDestination, instantOf, onlyChild, required, trimmedText } from './saml-xml.js';
import { checkSubjectConfirmation, confirmationData } from './subject-confirmation.js';
import { ValidityClock } from './validity-clock.js';
import type { AssertionEvidence, VerifiedAssertion } from './verified-assertion.js';
import type { XmlElement } from './xml-element.js';

/** What is judged, after the signature was found valid. */
export interface SignedAnswer {
  /** From the signed octets. */
  readonly assertion: XmlElement;
  /** From the signed octets if `responseSigned`; otherwise unverified, and good for refusing only. */
  readonly response: XmlElement;
  readonly responseSigned: boolean;
  readonly evidence: AssertionEvidence;
}

/** What the answer is held against. */
export interface Expectation {
  readonly settings: SamlSettings;
  /** Id of the request that this browser started through this connection, or null when there is none. */
  readonly pendingRequestId: string | null;
  readonly now: Date;
}

/** An answer beside what it is held against. */
export interface PostCheckCase extends SignedAnswer, Expectation {
  readonly clock: ValidityClock;
}

/** One rule; it gives what it read on the way, and throws a `Refusal`. No rule relies on another having passed. */
export interface PostCheckRule {
  readonly check: SamlCheck;
  readonly judge: (judged: PostCheckCase) => Partial<VerifiedAssertion> | undefined;
}

/** In the order in which they are made: the first that refuses says why. */
export const POST_CHECK_RULES: readonly PostCheckRule[] = [
  { check: 'issuer', judge: checkIssuer },
  { check: 'destination', judge: ({ response, settings }) => nothing(demandDestination(response, settings.acsUrl)) },
  { check: 'conditions', judge: ({ assertion, clock }) => nothing(checkConditions(assertion, clock)) },
  { check: 'audience', judge: ({ assertion, settings }) => nothing(checkAudience(assertion, settings.spEntityId)) },
  { check: 'age', judge: checkAge },
  { check: 'subject-confirmation', judge: (judged) => nothing(confirmedOf(judged)) },
  { check: 'in-response-to', judge: checkRequest },
  { check: 'authentication', judge: checkAuthentication },
  { check: 'name-id', judge: ({ assertion }) => ({ nameId: readNameId(onlyChild(assertion, ASSERTION, 'Subject')) }) },
  { check: 'attributes', judge: ({ assertion }) => readAttributes(assertion) },
];

/**
 * Judges what a signed answer says: from whom, for whom, to where, when, in answer to what, and about whom.
 * node-saml leaves most of this open. Each rule refuses with a code of its own.
 * @see SAML Profiles 4.1.4.2, 4.1.4.3 and 4.1.4.5; SAML Core 2.5 (conditions)
 * @throws {Refusal}
 */
export function postCheck(answer: SignedAnswer, expected: Expectation): VerifiedAssertion {
  const judged = postCheckCase(answer, expected);
  const read = POST_CHECK_RULES.map(({ judge }) => judge(judged));
  return Object.assign({ ...answer.evidence }, ...read) as VerifiedAssertion; // the rules together read all of it
}

/** Lays out what the rules need. */
export function postCheckCase(answer: SignedAnswer, expected: Expectation): PostCheckCase {
  return { ...answer, ...expected, clock: new ValidityClock(expected.now, expected.settings.clockSkewSeconds) };
}

const nothing = (_: unknown) => undefined;

const confirmedOf = ({ assertion, settings, clock }: PostCheckCase) =>
  checkSubjectConfirmation(assertion, settings, clock);

function checkIssuer({ assertion, response, settings: { idpEntityId } }: PostCheckCase): undefined {
  const issuer = trimmedText(onlyChild(assertion, ASSERTION, 'Issuer'));
  const responseIssuer = onlyChild(response, ASSERTION, 'Issuer');
  const right = issuer === idpEntityId && (!responseIssuer || trimmedText(responseIssuer) === idpEntityId);
  demand(
    right,
    'wrong-issuer',
    'The answer comes from another issuer. Compare idpEntityId with the identity provider.',
  );
}

function checkAge({ assertion, settings: { maxAssertionAgeSeconds }, clock }: PostCheckCase) {
  const issuedAt = required(
    instantOf(assertion, 'IssueInstant'),
    'malformed-response',
    'The assertion has no IssueInstant.',
  );
  clock.demandBegun(issuedAt);
  const tooOld = clock.hasPassed(issuedAt + maxAssertionAgeSeconds * 1000);
  demand(!tooOld, 'assertion-too-old', `The assertion is older than ${maxAssertionAgeSeconds} seconds. Start again.`);
  return { notOnOrAfter: replayableUntil(endOfConditions(assertion) ?? Number.POSITIVE_INFINITY, issuedAt) };
}

/** Every id of a request that the answer names, signed or not. */
export function requestsNamedBy({ response, assertion }: SignedAnswer): readonly string[] {
  const named = [response, ...confirmationData(assertion)].map(({ attributes }) => attributes.get('InResponseTo'));
  return named.filter((id) => id !== undefined);
}

/** InResponseTo on an unsigned Response can be written by anyone, so it can only speak against an answer, never for it. */
function checkRequest(judged: PostCheckCase): undefined {
  const { pendingRequestId, response, responseSigned } = judged;
  demand(
    requestsNamedBy(judged).every((id) => id === pendingRequestId),
    'in-response-to-mismatch',
    'This answers a request that this browser did not make, or that is over.',
  );
  if (pendingRequestId === null) {
    checkUnasked(judged);
  } else {
    const onSubject = confirmedOf(judged).some(({ attributes }) => attributes.get('InResponseTo') === pendingRequestId);
    const onResponse = responseSigned && response.attributes.get('InResponseTo') === pendingRequestId;
    demand(
      onSubject || onResponse,
      'in-response-to-mismatch',
      'The answer does not say, under its signature, which request it answers.',
    );
  }
}

function checkUnasked({ responseSigned, settings: { allowIdpInitiated } }: PostCheckCase): void {
  demand(allowIdpInitiated, 'idp-initiated-not-allowed', 'Sign-in must start here, not at the identity provider.');
  demand(
    responseSigned,
    'unsigned-response',
    'A sign-in that starts at the identity provider needs a signed response.',
  );
}

/** A web sign-in says how and when the person signed in (SAML Profiles 4.1.4.2), and perhaps when the session ends. */
function checkAuthentication({ assertion, clock }: PostCheckCase) {
  const statements = childrenOf(assertion, ASSERTION, 'AuthnStatement');
  demand(statements.length > 0, 'malformed-response', 'The assertion has no AuthnStatement.');
  const ends = statements
    .map((statement) => instantOf(statement, 'SessionNotOnOrAfter'))
    .filter((end) => end !== undefined);
  const end = ends.length > 0 ? Math.min(...ends) : undefined;
  demand(
    end === undefined || !clock.hasPassed(end),
    'expired',
    'The session at the identity provider is over. Sign in there again.',
  );
  return { sessionNotOnOrAfter: end === undefined ? null : new Date(end).toISOString() };
}

/** With the largest tolerance and age, so that a change of the connection's settings never revives a used assertion. */
function replayableUntil(conditionsEnd: number, issuedAt: number): string {
  const end = Math.min(conditionsEnd, issuedAt + ASSERTION_AGE_MAX_SECONDS * 1000);
  return new Date(end + CLOCK_SKEW_MAX_SECONDS * 1000).toISOString();
}
