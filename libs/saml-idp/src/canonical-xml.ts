/**
 * Writes XML that already is in exclusive canonical form (https://www.w3.org/TR/xml-exc-c14n/), so that a signature can be
 * made over the text as written, without parsing it again.
 */

import { DomainError } from '#libs/kernel';

/** Attribute values by name; `undefined` leaves the attribute out. Namespace declarations are ordinary entries (`xmlns:saml`). */
export type XmlAttributes = Readonly<Record<string, string | undefined>>;

/** A value holds a character that no XML 1.0 document can carry (NUL, most controls, a lone surrogate). */
export class XmlCharacterError extends DomainError {
  readonly code = 'xml-character';
  readonly kind = 'invalid';

  constructor(codePoint: number) {
    super(
      `XML 1.0 cannot carry the character U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}; remove it from the value.`,
    );
  }
}

// XML 1.0 §2.2, production Char, negated.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to find
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u;

// Canonical XML 1.0 §2.3: what is written as a reference in text and in attribute values.
const TEXT_REFERENCES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#xD;' };
const ATTRIBUTE_REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
};

/**
 * Writes one element with its attributes in canonical order: namespace declarations first, then by name.
 * `content` is canonical XML already; use {@link text} for character data.
 * Guarantee: as long as every prefix is declared on the outermost element that visibly uses it, the result is its own
 * exclusive canonical form.
 * @throws {XmlCharacterError} when an attribute value cannot be written in XML 1.0
 */
export function element(name: string, attributes: XmlAttributes, ...content: readonly string[]): string {
  const written = Object.keys(attributes)
    .sort(inCanonicalOrder)
    .map((key) => attribute(key, attributes[key]));
  return `<${name}${written.join('')}>${content.join('')}</${name}>`;
}

/**
 * Writes character data.
 * @throws {XmlCharacterError} when the value cannot be written in XML 1.0
 */
export function text(value: string): string {
  return refuseNonXml(value).replace(/[&<>\r]/g, (character) => TEXT_REFERENCES[character] ?? character);
}

function attribute(name: string, value: string | undefined): string {
  if (value === undefined) return '';
  return ` ${name}="${refuseNonXml(value).replace(/[&<"\t\n\r]/g, (character) => ATTRIBUTE_REFERENCES[character] ?? character)}"`;
}

/**
 * Turns canonical text into a document that every parser reads back alike: some treat U+0085 and U+2028 as line ends
 * (a rule of XML 1.1), which would break a signature, so these are written as references. The canonical form is the same.
 */
export function asDocument(canonical: string): string {
  return canonical.replace(
    /[\u0085\u2028]/g,
    (character) => `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`,
  );
}

function inCanonicalOrder(a: string, b: string): number {
  const [first, second] = [isDeclaration(a), isDeclaration(b)];
  if (first !== second) return first ? -1 : 1;
  return a < b ? -1 : 1;
}

function isDeclaration(name: string): boolean {
  return name === 'xmlns' || name.startsWith('xmlns:');
}

function refuseNonXml(value: string): string {
  const found = NOT_XML.exec(value);
  if (found) throw new XmlCharacterError(found[0].codePointAt(0) ?? 0);
  return value;
}
