import { demand, Refusal, type SamlRefusalCode } from './saml-refused.error.js';
import type { XmlElement } from './xml-element.js';

/** Namespaces of the documents that are exchanged. */
export const ASSERTION = 'urn:oasis:names:tc:SAML:2.0:assertion';
export const PROTOCOL = 'urn:oasis:names:tc:SAML:2.0:protocol';
export const SIGNATURE = 'http://www.w3.org/2000/09/xmldsig#';
export const ENCRYPTION = 'http://www.w3.org/2001/04/xmlenc#';
/** Beginning of every status code that SAML defines. */
export const STATUS = 'urn:oasis:names:tc:SAML:2.0:status:';

/** Whether the element has that name. */
export function is(element: XmlElement, namespace: string, local: string): boolean {
  return element.local === local && element.namespace === namespace;
}

/** Direct children of that name. */
export function childrenOf(element: XmlElement, namespace: string, local: string): readonly XmlElement[] {
  return element.children.filter((child) => is(child, namespace, local));
}

/** The direct child of that name, if there is exactly one or none. */
export function onlyChild(element: XmlElement, namespace: string, local: string): XmlElement | undefined {
  const found = childrenOf(element, namespace, local);
  demand(found.length <= 1, 'malformed-response', `${element.local} has more than one ${local}.`);
  return found[0];
}

/** Every element of the tree, in document order. */
export function* everyElement(element: XmlElement): Generator<XmlElement> {
  yield element;
  for (const child of element.children) yield* everyElement(child);
}

/**
 * Removes the white space of XML at both ends, and nothing else: a no-break space is part of a name, and dropping it would make
 * two people one.
 */
export function trimXml(text: string): string {
  return text.replace(/^[ \t\r\n]+/, '').replace(/(?<![ \t\r\n])[ \t\r\n]+$/, '');
}

/** Text of an element whose type is a URI or an identifier: surrounding white space does not count (XML Schema, collapse). */
export function trimmedText(element: XmlElement | undefined): string {
  return trimXml(element?.text ?? '');
}

/** A date and time with seconds and a zone. SAML Core 1.3.3 asks for UTC; an offset is as clear, no zone at all is not. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/**
 * Reads an instant attribute in milliseconds; `undefined` when the attribute is absent.
 * @throws {Refusal} `malformed-response` when it is there and is not an unambiguous instant
 */
export function instantOf(element: XmlElement, attribute: string): number | undefined {
  const text = element.attributes.get(attribute);
  if (text === undefined) return undefined;
  const milliseconds = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  demand(
    Number.isFinite(milliseconds),
    'malformed-response',
    `${element.local}/@${attribute} is not a date and time with a zone.`,
  );
  return milliseconds;
}

/** The value, or a refusal where SAML demands it. */
export function required<T>(value: T | undefined | null, code: SamlRefusalCode, message: string): T {
  if (value === undefined || value === null) throw new Refusal(code, message);
  return value;
}

const IDENTIFIER = /^[\w.:-]{1,256}$/;

/** The element's `ID`. @throws {Refusal} `malformed-response` when it is missing or no identifier: it becomes part of event ids */
export function identifierOf(element: XmlElement): string {
  const id = element.attributes.get('ID') ?? '';
  demand(IDENTIFIER.test(id), 'malformed-response', `The ID of ${element.local} is missing or is not an identifier.`);
  return id;
}

/** A message that says where it goes must have come there. @throws {Refusal} `wrong-destination` */
export function demandDestination(message: XmlElement, here: string): void {
  const destination = message.attributes.get('Destination');
  demand(
    destination === undefined || destination === here,
    'wrong-destination',
    'The message was meant for another address. Compare our addresses with those at the identity provider.',
  );
}
