import { demand } from './saml-refused.error.js';
import { ASSERTION, childrenOf, ENCRYPTION, everyElement, is, PROTOCOL, SIGNATURE } from './saml-xml.js';
import type { XmlElement } from './xml-element.js';

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
/** `ID` of SAML, `Id` of XML signatures, `xml:id`, and whatever a library may take for one of them. */
const ID_ATTRIBUTE = /^(?!xmlns:)(.+:)?id$/i;
/** Messages that may carry a signature of their own. */
const MESSAGES = ['Response', 'LogoutRequest', 'LogoutResponse'];

/**
 * Signatures sit in a message or an Assertion and nowhere else, carry nothing, and use algorithms that are safe today.
 * Encrypted content has its own rules; see `readEncrypted`.
 * @throws {Refusal} `hostile-xml` or `unsupported-algorithm`
 */
export function checkSignatures(root: XmlElement): void {
  for (const element of everyElement(root)) {
    for (const child of element.children) {
      demand(
        belongs(child, element),
        'hostile-xml',
        'An assertion or a signature is in a place where it does not belong.',
      );
      checkAlgorithm(child, element);
      if (is(child, SIGNATURE, 'Signature')) checkParts(child);
    }
  }
  for (const element of [root, ...childrenOf(root, ASSERTION, 'Assertion')]) checkReference(element);
}

function checkAlgorithm(element: XmlElement, parent: XmlElement): void {
  if (element.namespace !== SIGNATURE || is(parent, ENCRYPTION, 'EncryptionMethod')) return;
  const allowed = ALGORITHMS.get(element.local);
  demand(
    !allowed || allowed.includes(element.attributes.get('Algorithm') ?? ''),
    'unsupported-algorithm',
    `${element.local}: not accepted. Set the identity provider to RSA with SHA-256.`,
  );
}

/** XML Signature 4.1; libraries take the first of two values, or the last. */
function checkParts(signature: XmlElement): void {
  const count = (local: string) => childrenOf(signature, SIGNATURE, local).length;
  const [infos, values, keys] = [count('SignedInfo'), count('SignatureValue'), count('KeyInfo')];
  const whole = infos === 1 && values === 1 && keys <= 1 && infos + values + keys === signature.children.length;
  demand(whole, 'hostile-xml', 'A signature holds something twice, or something that does not belong there.');
}

/**
 * SAML Core 5.4.2: one reference, to the `ID` of the element that the signature is in; a library that knows other ids would find another
 * element by them. Signatures of assertions in an Advice are nobody's concern.
 */
function checkReference(element: XmlElement): void {
  const references = childrenOf(element, SIGNATURE, 'Signature').flatMap((signature) =>
    childrenOf(signature, SIGNATURE, 'SignedInfo').flatMap((info) => childrenOf(info, SIGNATURE, 'Reference')),
  );
  const own = `#${element.attributes.get('ID')}`;
  const toItself = references.every(({ attributes }) => attributes.get('URI') === own) && references.length <= 1;
  demand(toItself, 'invalid-signature', 'A signature refers to something else than the element that it is in.');
}

function belongs(child: XmlElement, parent: XmlElement): boolean {
  const inMessage = parent.namespace === PROTOCOL && MESSAGES.includes(parent.local);
  if (is(child, ASSERTION, 'Assertion')) return is(parent, PROTOCOL, 'Response') || is(parent, ASSERTION, 'Advice');
  if (is(child, SIGNATURE, 'Signature')) return inMessage || is(parent, ASSERTION, 'Assertion');
  return !is(child, SIGNATURE, 'Object');
}

/** A reference must have one meaning: no two elements share an id, whichever attribute a library looks at. @throws {Refusal} */
export function checkIds(...roots: readonly XmlElement[]): void {
  const seen = new Set<string>();
  for (const root of roots) {
    for (const { attributes } of everyElement(root)) {
      for (const [name, value] of attributes) {
        if (!ID_ATTRIBUTE.test(name)) continue;
        demand(!seen.has(value), 'hostile-xml', 'Two elements of the message have the same id.');
        seen.add(value);
      }
    }
  }
}

/** Whether the element carries a signature of its own. */
export const isSigned = (element: XmlElement) => childrenOf(element, SIGNATURE, 'Signature').length > 0;
