import { beginNothing, type CheckObserver } from './check-observer.js';
import { readEncrypted } from './encrypted-content.js';
import { parseGuarded } from './guarded-xml.js';
import { demand, Refusal } from './saml-refused.error.js';
import { ASSERTION, childrenOf, is, onlyChild, PROTOCOL, required, SIGNATURE, STATUS } from './saml-xml.js';
import { checkIds, checkSignatures, isSigned } from './signature-placement.js';
import type { XmlElement } from './xml-element.js';

/** 5,000 group values and everything around them; verification stays linear in it. */
export const RESPONSE_LIMITS = { elements: 6_000, depth: 40, attributesPerElement: 32 };

const CHILDREN = [
  [ASSERTION, 'Issuer'],
  [SIGNATURE, 'Signature'],
  [PROTOCOL, 'Status'],
] as const;

/** What the unverified document looks like. Good for refusing, never for telling who somebody is. */
export interface ResponseOutline {
  readonly response: XmlElement;
  /** The Assertion, or the EncryptedAssertion if `encrypted`. */
  readonly assertion: XmlElement;
  readonly encrypted: boolean;
  readonly responseSigned: boolean;
  /** Whether the Assertion is; of an encrypted one nobody knows yet. */
  readonly assertionSigned: boolean;
}

/**
 * Refuses what no honest identity provider sends, before a signature library, whose cost and whose parser can be attacked, sees it.
 * One linear pass over the text and one over a bounded tree: under a millisecond for an ordinary response.
 * Threats: signature wrapping, entity and padding bombs, values cut by comments or processing instructions, weak algorithms.
 * @see SAML Core 5.4 (signature profile), SAML Profiles 4.1.4 (web browser SSO)
 * @throws {Refusal}
 */
export function preCheck(xml: string, begin: CheckObserver = beginNothing): ResponseOutline {
  begin('xml');
  const response = parseGuarded(xml, RESPONSE_LIMITS);
  begin('structure');
  checkStructure(response);
  begin('status');
  checkStatus(response);
  begin('algorithms');
  checkSignatures(response);
  checkIds(response);
  const encrypted = onlyChild(response, ASSERTION, 'EncryptedAssertion');
  if (encrypted) readEncrypted(encrypted);
  const assertion = required(
    onlyChild(response, ASSERTION, 'Assertion') ?? encrypted,
    'malformed-response',
    'The response holds no assertion.',
  );
  return {
    response,
    assertion,
    encrypted: encrypted !== undefined,
    responseSigned: isSigned(response),
    assertionSigned: isSigned(assertion),
  };
}

/**
 * Looks at an assertion that was encrypted with the same eyes as at one that was not.
 * @param around the Response that it was in: no id may mean something in both
 * @throws {Refusal}
 */
export function preCheckDecrypted(xml: string, around: XmlElement): XmlElement {
  const assertion = parseGuarded(xml, RESPONSE_LIMITS);
  const isAssertion = is(assertion, ASSERTION, 'Assertion');
  demand(isAssertion, 'malformed-response', 'What was encrypted is not an assertion.');
  checkSignatures(assertion);
  checkIds(assertion, around);
  return assertion;
}

function checkStructure(response: XmlElement): void {
  const isResponse = is(response, PROTOCOL, 'Response') && response.attributes.get('Version') === '2.0';
  demand(isResponse, 'malformed-response', 'This is not a SAML 2.0 Response.');
  const once = CHILDREN.map(([namespace, local]) => childrenOf(response, namespace, local).length);
  const assertions = ['Assertion', 'EncryptedAssertion'].flatMap((local) => childrenOf(response, ASSERTION, local));
  const known = [...once, assertions.length];
  const repeated = known.some((count) => count > 1);
  const unknown = known.reduce((sum, count) => sum + count, 0) < response.children.length;
  demand(
    !repeated && !unknown,
    'hostile-xml',
    'The response holds an element twice, or one that does not belong there.',
  );
}

/** A refusal by the identity provider is usually unsigned and without an assertion, and is the more helpful answer. */
function checkStatus(response: XmlElement): void {
  const status = required(onlyChild(response, PROTOCOL, 'Status'), 'malformed-response', 'The response has no Status.');
  const code = onlyChild(status, PROTOCOL, 'StatusCode');
  if (code?.attributes.get('Value') === `${STATUS}Success`) return;
  throw new Refusal('status-not-success', `The identity provider refused: ${statusWord(code)}. Its log says why.`);
}

/** The most precise status that SAML defines; anything else is not repeated, since it is a stranger's text. */
function statusWord(code: XmlElement | undefined): string {
  const precise = code && (onlyChild(code, PROTOCOL, 'StatusCode') ?? code);
  const word = precise?.attributes.get('Value')?.replace(STATUS, '') ?? '';
  return STATUS_WORDS.has(word) ? word : 'a status that SAML does not define';
}

const STATUS_WORDS = new Set(
  `Requester Responder VersionMismatch AuthnFailed InvalidAttrNameOrValue InvalidNameIDPolicy NoAuthnContext NoAvailableIDP NoPassive
  NoSupportedIDP PartialLogout ProxyCountExceeded RequestDenied RequestUnsupported UnknownAttrProfile UnknownPrincipal
  UnsupportedBinding`.split(/\s+/),
);
