import { claimText, NAME_BYTES_MAX, readAttributes } from './attributes.js';
import { checkConditions } from './conditions.js';
import { demand } from './saml-refused.error.js';
import { ASSERTION_AGE_MAX_SECONDS, CLOCK_SKEW_MAX_SECONDS, type SamlSettings } from './saml-settings.js';
import { ASSERTION, childrenOf, instantOf, onlyChild, required, trimmedText } from './saml-xml.js';
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

/**
 * Judges what a signed answer says: from whom, for whom, to where, when, in answer to what, and about whom.
 * node-saml leaves most of this open. Each rule refuses with a code of its own.
 * @see SAML Profiles 4.1.4.2, 4.1.4.3 and 4.1.4.5; SAML Core 2.5 (conditions)
 * @throws {Refusal}
 */
export function postCheck(answer: SignedAnswer, expected: Expectation): VerifiedAssertion {
  const { assertion, evidence } = answer;
  const clock = new ValidityClock(expected.now, expected.settings.clockSkewSeconds);
  checkIssuer(answer, expected.settings);
  checkDestination(answer.response, expected.settings);
  const conditionsEnd = checkConditions(assertion, expected.settings.spEntityId, clock);
  const issuedAt = checkAge(assertion, expected.settings, clock);
  const confirmed = checkSubjectConfirmation(assertion, expected.settings, clock);
  checkRequest(answer, confirmed, expected);
  const sessionEnd = checkAuthentication(assertion, clock);
  return {
    ...evidence,
    nameId: nameIdOf(assertion),
    ...readAttributes(assertion),
    sessionNotOnOrAfter: sessionEnd === undefined ? null : new Date(sessionEnd).toISOString(),
    notOnOrAfter: replayableUntil(conditionsEnd, issuedAt),
  };
}

function checkIssuer({ assertion, response }: SignedAnswer, { idpEntityId }: SamlSettings): void {
  const issuer = trimmedText(onlyChild(assertion, ASSERTION, 'Issuer'));
  const responseIssuer = onlyChild(response, ASSERTION, 'Issuer');
  const right = issuer === idpEntityId && (!responseIssuer || trimmedText(responseIssuer) === idpEntityId);
  demand(
    right,
    'wrong-issuer',
    'The answer comes from another issuer. Compare idpEntityId with the identity provider.',
  );
}

function checkDestination(response: XmlElement, { acsUrl }: SamlSettings): void {
  const destination = response.attributes.get('Destination');
  const right = destination === undefined || destination === acsUrl;
  demand(
    right,
    'wrong-destination',
    'The answer was meant for another address. Compare the ACS URL at the identity provider.',
  );
}

function checkAge(assertion: XmlElement, { maxAssertionAgeSeconds }: SamlSettings, clock: ValidityClock): number {
  const issuedAt = required(
    instantOf(assertion, 'IssueInstant'),
    'malformed-response',
    'The assertion has no IssueInstant.',
  );
  clock.demandBegun(issuedAt);
  const tooOld = clock.hasPassed(issuedAt + maxAssertionAgeSeconds * 1000);
  demand(!tooOld, 'assertion-too-old', `The assertion is older than ${maxAssertionAgeSeconds} seconds. Start again.`);
  return issuedAt;
}

/** InResponseTo on an unsigned Response can be written by anyone, so it can only speak against an answer, never for it. */
function checkRequest(answer: SignedAnswer, confirmed: readonly XmlElement[], expected: Expectation): void {
  const { pendingRequestId } = expected;
  const onResponse = answer.response.attributes.get('InResponseTo');
  const onSubject = confirmed.map(requestNamedBy);
  const foreign = [onResponse, ...confirmationData(answer.assertion).map(requestNamedBy)].some(
    (id) => id !== undefined && id !== pendingRequestId,
  );
  demand(
    !foreign,
    'in-response-to-mismatch',
    'This answers a request that this browser did not make, or that is over.',
  );
  if (pendingRequestId === null) {
    checkUnasked(answer, expected.settings);
  } else {
    const bound = onSubject.includes(pendingRequestId) || (answer.responseSigned && onResponse === pendingRequestId);
    demand(bound, 'in-response-to-mismatch', 'The answer does not say, under its signature, which request it answers.');
  }
}

const requestNamedBy = ({ attributes }: XmlElement) => attributes.get('InResponseTo');

function checkUnasked({ responseSigned }: SignedAnswer, { allowIdpInitiated }: SamlSettings): void {
  demand(allowIdpInitiated, 'idp-initiated-not-allowed', 'Sign-in must start here, not at the identity provider.');
  demand(
    responseSigned,
    'unsigned-response',
    'A sign-in that starts at the identity provider needs a signed response.',
  );
}

/** A web sign-in says how and when the person signed in (SAML Profiles 4.1.4.2). Answers with the end of the session, if one is given. */
function checkAuthentication(assertion: XmlElement, clock: ValidityClock): number | undefined {
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
  return end;
}

function nameIdOf(assertion: XmlElement): VerifiedAssertion['nameId'] {
  const subject = onlyChild(assertion, ASSERTION, 'Subject');
  const nameId = subject && onlyChild(subject, ASSERTION, 'NameID');
  const value = claimText(nameId?.text ?? '', NAME_BYTES_MAX);
  demand(
    value !== '',
    'missing-name-id',
    'The assertion names no subject. Let the identity provider send a NameID, not encrypted.',
  );
  return { value, format: nameId?.attributes.get('Format') ?? null };
}

/** With the largest tolerance and age, so that a change of the connection's settings never revives a used assertion. */
function replayableUntil(conditionsEnd: number, issuedAt: number): string {
  const end = Math.min(conditionsEnd, issuedAt + ASSERTION_AGE_MAX_SECONDS * 1000);
  return new Date(end + CLOCK_SKEW_MAX_SECONDS * 1000).toISOString();
}
