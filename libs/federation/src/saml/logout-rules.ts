import { claimText, NAME_BYTES_MAX } from './attributes.js';
import { SESSION_INDEXES_MAX } from './logout-writer.js';
import { readNameId } from './name-id.js';
import { demand } from './saml-refused.error.js';
import { ASSERTION_AGE_MAX_SECONDS, CLOCK_SKEW_MAX_SECONDS, type SamlSettings } from './saml-settings.js';
import {
  ASSERTION,
  childrenOf,
  demandDestination,
  identifierOf,
  instantOf,
  is,
  onlyChild,
  PROTOCOL,
  required,
  SIGNATURE,
  STATUS,
  trimmedText,
} from './saml-xml.js';
import { ValidityClock } from './validity-clock.js';
import type { VerifiedLogoutRequest, VerifiedLogoutResponse, VerifiedMessage } from './verified-logout.js';
import type { XmlElement } from './xml-element.js';

/** What a message of single logout is held against. */
export interface LogoutExpectation {
  readonly settings: SamlSettings;
  /** Id of the logout request that this browser took to the identity provider, or null when there is none. */
  readonly pendingRequestId: string | null;
  readonly now: Date;
}

type Judged<Message extends VerifiedMessage> = Omit<Message, 'relayState' | 'certificateSha256'>;

const CHILDREN: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  LogoutRequest: [
    [ASSERTION, 'NameID'],
    [PROTOCOL, 'SessionIndex'],
  ],
  LogoutResponse: [[PROTOCOL, 'Status']],
};
const CHILDREN_OF_BOTH = [
  [ASSERTION, 'Issuer'],
  [SIGNATURE, 'Signature'],
  [PROTOCOL, 'Extensions'],
] as const;

/**
 * Judges what a signed message of single logout says: what it is, from whom, to where, when, and of an answer, to which request.
 * @throws {Refusal}
 * @see SAML Core 3.7, SAML Profiles 4.4.4
 */
export function judgeLogout(
  message: XmlElement,
  field: 'SAMLRequest' | 'SAMLResponse',
  expected: LogoutExpectation,
): Judged<VerifiedLogoutRequest> | Judged<VerifiedLogoutResponse> {
  const local = field === 'SAMLRequest' ? 'LogoutRequest' : 'LogoutResponse';
  checkStructure(message, local);
  const { settings, now } = expected;
  const issuer = trimmedText(onlyChild(message, ASSERTION, 'Issuer'));
  demand(
    issuer === settings.idpEntityId,
    'wrong-issuer',
    'The message comes from another issuer. Compare idpEntityId with the identity provider.',
  );
  demandDestination(message, settings.spSloUrl);
  const issuedAt = checkTimes(message, settings, now);
  const about = { id: identifierOf(message), issuer };
  if (local === 'LogoutResponse') return { kind: 'response', ...about, ...readResponse(message, expected) };
  return { kind: 'request', ...about, ...readRequest(message), replayableUntil: replayableUntil(issuedAt) };
}

function checkStructure(message: XmlElement, local: string): void {
  const right = is(message, PROTOCOL, local) && message.attributes.get('Version') === '2.0';
  demand(right, 'malformed-response', `This is not a SAML 2.0 ${local}.`);
  const allowed = [...CHILDREN_OF_BOTH, ...(CHILDREN[local] ?? [])];
  const known = message.children.every((child) => allowed.some(([namespace, name]) => is(child, namespace, name)));
  demand(known, 'hostile-xml', 'The message holds an element that does not belong there, or an encrypted name.');
}

function checkTimes(message: XmlElement, settings: SamlSettings, now: Date): number {
  const clock = new ValidityClock(now, settings.clockSkewSeconds);
  const issuedAt = required(
    instantOf(message, 'IssueInstant'),
    'malformed-response',
    'The message has no IssueInstant.',
  );
  const end = instantOf(message, 'NotOnOrAfter') ?? Number.POSITIVE_INFINITY;
  demand(clock.hasBegun(issuedAt), 'not-yet-valid', 'The message is not valid yet. Compare the clocks.');
  demand(
    !clock.hasPassed(end) && !clock.hasPassed(issuedAt + settings.maxAssertionAgeSeconds * 1000),
    'expired',
    'The message has expired. Sign out again; if it happens often, compare the clocks.',
  );
  return issuedAt;
}

function readRequest(message: XmlElement) {
  const indexes = childrenOf(message, PROTOCOL, 'SessionIndex').map(({ text }) => claimText(text, NAME_BYTES_MAX));
  const few = indexes.length <= SESSION_INDEXES_MAX;
  demand(few, 'malformed-response', `The request names more than ${SESSION_INDEXES_MAX} sessions.`);
  return { nameId: readNameId(message), sessionIndexes: indexes.filter((index) => index !== '') };
}

function readResponse(message: XmlElement, { pendingRequestId }: LogoutExpectation) {
  const inResponseTo = message.attributes.get('InResponseTo');
  const ours = inResponseTo !== undefined && inResponseTo === pendingRequestId;
  demand(ours, 'in-response-to-mismatch', 'This answers a request that this browser did not make, or that is over.');
  const status = onlyChild(message, PROTOCOL, 'Status');
  const code = status && onlyChild(status, PROTOCOL, 'StatusCode');
  const second = code && onlyChild(code, PROTOCOL, 'StatusCode');
  const value = (element: XmlElement | undefined) => element?.attributes.get('Value');
  const success = value(code) === `${STATUS}Success` && value(second) !== `${STATUS}PartialLogout`;
  return { inResponseTo, success };
}

/** With the largest tolerance and age, so that a change of the connection's settings never revives a used request. */
function replayableUntil(issuedAt: number): string {
  return new Date(issuedAt + (ASSERTION_AGE_MAX_SECONDS + CLOCK_SKEW_MAX_SECONDS) * 1000).toISOString();
}
