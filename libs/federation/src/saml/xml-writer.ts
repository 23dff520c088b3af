/** Attribute values by name; `undefined` leaves the attribute out. Namespace declarations are ordinary entries (`xmlns:saml`). */
export type XmlAttributes = Readonly<Record<string, string | undefined>>;

/** XML 1.0 §2.2, production Char, negated. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to find
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u;
/** White space too, which would otherwise be read back as blanks. */
const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
};

/** Writes one element; `content` is XML already, see {@link text}. @throws {TypeError} for a value that XML cannot carry */
export function element(name: string, attributes: XmlAttributes, ...content: readonly string[]): string {
  const written = Object.entries(attributes).map(([key, value]) =>
    value === undefined ? '' : ` ${key}="${text(value)}"`,
  );
  const opening = `<${name}${written.join('')}`;
  return content.length === 0 ? `${opening}/>` : `${opening}>${content.join('')}</${name}>`;
}

/** Writes character data. @throws {TypeError} for a value that XML cannot carry */
export function text(value: string): string {
  if (NOT_XML.test(value)) throw new TypeError('A value holds a control character, which XML cannot carry.');
  return value.replace(/[&<>"\t\n\r]/g, (character) => REFERENCES[character] ?? character);
}
