import { demand, Refusal } from './saml-refused.error.js';
import { ASSERTION, childrenOf, everyElement, is, onlyChild, PROTOCOL, required, SIGNATURE } from './saml-xml.js';
import { parseXml, type XmlElement, XmlLimitError } from './xml-element.js';

/** 5,000 group values and everything around them; verification stays linear in it. */
export const RESPONSE_LIMITS = { elements: 6_000, depth: 40, attributesPerElement: 32 };

const XML_DECLARATION =
  /^<\?xml\s+version=(["'])1\.0\1(\s+encoding=(["'])(utf-8|us-ascii)\3)?(\s+standalone=(["'])(yes|no)\6)?\s*\?>/i;
const EXCLUSIVE = ['http://www.w3.org/2001/10/xml-exc-c14n#', 'http://www.w3.org/2001/10/xml-exc-c14n#WithComments'];
/** Accepted algorithms by element. SAML Core 5.4.4 permits no other transforms; SHA-384 is missing from the signature library. */
const ALGORITHMS: ReadonlyMap<string, readonly string[]> = new Map([
  ['CanonicalizationMethod', EXCLUSIVE],
  [
    'SignatureMethod',
    [
      'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
      'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
      'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
    ],
  ],
  ['DigestMethod', ['http://www.w3.org/2001/04/xmlenc#sha256', 'http://www.w3.org/2001/04/xmlenc#sha512']],
  ['Transform', ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', ...EXCLUSIVE]],
]);
const CHILDREN = [
  [ASSERTION, 'Issuer'],
  [SIGNATURE, 'Signature'],
  [PROTOCOL, 'Status'],
  [ASSERTION, 'Assertion'],
] as const;
/** `ID` of SAML, `Id` of XML signatures, `xml:id`, and whatever a library may take for one of them. */
const ID_ATTRIBUTE = /^(?!xmlns:)(.+:)?id$/i;
const STATUS = 'urn:oasis:names:tc:SAML:2.0:status:';

/** What the unverified document looks like. Good for refusing, never for telling who somebody is. */
export interface ResponseOutline {
  readonly response: XmlElement;
  readonly assertion: XmlElement;
  readonly responseSigned: boolean;
  readonly assertionSigned: boolean;
}

/**
 * Refuses what no honest identity provider sends, before a signature library, whose cost and whose parser can be attacked, sees it.
 * One linear pass over the text and one over a bounded tree: under a millisecond for an ordinary response.
 * Threats: signature wrapping, entity and padding bombs, values cut by comments or processing instructions, weak algorithms.
 * @see SAML Core 5.4 (signature profile), SAML Profiles 4.1.4 (web browser SSO)
 * @throws {Refusal}
 */
export function preCheck(xml: string): ResponseOutline {
  checkText(xml);
  const response = parseResponse(xml);
  checkStructure(response);
  checkStatus(response);
  checkSignatures(response);
  checkIds(response);
  const assertion = required(
    onlyChild(response, ASSERTION, 'Assertion'),
    'malformed-response',
    'The response holds no assertion.',
  );
  return { response, assertion, responseSigned: isSigned(response), assertionSigned: isSigned(assertion) };
}

/** Parsers differ in what they make of comments, CDATA, DOCTYPE and processing instructions, so none of them may occur. */
function checkText(xml: string): void {
  const body = xml.replace(XML_DECLARATION, '');
  const declaredOtherwise = /^\s*<\?xml\s/i.test(body);
  demand(!/<!/.test(body), 'hostile-xml', 'Comments, CDATA and DOCTYPE are not allowed in a response.');
  demand(!declaredOtherwise, 'malformed-response', 'The response is not XML 1.0 in UTF-8.');
  demand(!/<\?/.test(body), 'hostile-xml', 'Processing instructions are not allowed in a response.');
  checkTags(body);
}

/**
 * Bounds the attributes of each element before a parser, whose time grows with their square, sees them,
 * and refuses `<` inside of them, which parsers forgive and XML forbids.
 */
function checkTags(body: string): void {
  let inTag = false;
  let quote = '';
  let values = 0;
  for (const [mark] of body.matchAll(/[<>"']/g)) {
    if (quote) {
      demand(mark !== '<', 'malformed-response', 'The response is not well-formed XML.');
      if (mark === quote) quote = '';
    } else if (mark === '<' || mark === '>') {
      inTag = mark === '<';
      values = 0;
    } else if (inTag) {
      quote = mark;
      values += 1;
      demand(values <= RESPONSE_LIMITS.attributesPerElement, 'hostile-xml', 'An element has too many attributes.');
    }
  }
}

function parseResponse(xml: string): XmlElement {
  try {
    return parseXml(xml, RESPONSE_LIMITS);
  } catch (cause) {
    if (cause instanceof XmlLimitError) throw new Refusal('hostile-xml', cause.message);
    throw new Refusal('malformed-response', 'The response is not well-formed XML.');
  }
}

function checkStructure(response: XmlElement): void {
  const isResponse = is(response, PROTOCOL, 'Response') && response.attributes.get('Version') === '2.0';
  demand(isResponse, 'malformed-response', 'This is not a SAML 2.0 Response.');
  const encrypted = childrenOf(response, ASSERTION, 'EncryptedAssertion').length > 0;
  demand(
    !encrypted,
    'unsupported-algorithm',
    'The assertion is encrypted. Turn encryption off at the identity provider.',
  );
  const known = CHILDREN.map(([namespace, local]) => childrenOf(response, namespace, local).length);
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

/** Signatures sit in a Response or an Assertion and nowhere else, carry nothing, and use algorithms that are safe today. */
function checkSignatures(response: XmlElement): void {
  for (const element of everyElement(response)) {
    const inPlace = element.children.every((child) => belongs(child, element));
    demand(inPlace, 'hostile-xml', 'An assertion or a signature is in a place where it does not belong.');
    const allowed = element.namespace === SIGNATURE ? ALGORITHMS.get(element.local) : undefined;
    const accepted = !allowed || allowed.includes(element.attributes.get('Algorithm') ?? '');
    demand(
      accepted,
      'unsupported-algorithm',
      `${element.local}: not accepted. Set the identity provider to RSA with SHA-256.`,
    );
  }
}

function belongs(child: XmlElement, parent: XmlElement): boolean {
  const inAssertion = is(parent, ASSERTION, 'Assertion');
  if (is(child, ASSERTION, 'Assertion')) return is(parent, PROTOCOL, 'Response') || is(parent, ASSERTION, 'Advice');
  if (is(child, SIGNATURE, 'Signature')) return is(parent, PROTOCOL, 'Response') || inAssertion;
  return !is(child, SIGNATURE, 'Object');
}

/** A reference must have one meaning: no two elements share an id, whichever attribute a library looks at. */
function checkIds(response: XmlElement): void {
  const seen = new Set<string>();
  for (const { attributes } of everyElement(response)) {
    for (const [name, value] of attributes) {
      if (!ID_ATTRIBUTE.test(name)) continue;
      demand(!seen.has(value), 'hostile-xml', 'Two elements of the response have the same id.');
      seen.add(value);
    }
  }
}

const isSigned = (element: XmlElement) => childrenOf(element, SIGNATURE, 'Signature').length > 0;
