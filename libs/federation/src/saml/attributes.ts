import { demand } from './saml-refused.error.js';
import { ASSERTION, childrenOf, is, trimXml } from './saml-xml.js';
import type { XmlElement } from './xml-element.js';

/** Attributes of one assertion, by Name; real ones have 5 to 40. */
export const ATTRIBUTES_MAX = 200;
/** Values of one attribute: more groups than any directory sends in a response of the permitted size. */
export const VALUES_PER_ATTRIBUTE_MAX = 5_000;
/** One value, UTF-8, trimmed. */
export const VALUE_BYTES_MAX = 8 * 1024;
/** One attribute's name, or a NameID, UTF-8, trimmed. */
export const NAME_BYTES_MAX = 1024;

/** Control characters other than tab and line ends, half surrogate pairs, and what Unicode says is no character. */
const NOT_TEXT = /[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u;
const WHITE_SPACE = /[\t\n\r]/g;
const NIL = /^(true|1)$/;

/** Attributes as Gatebook reads them. */
export interface ReadAttributes {
  readonly attributes: ReadonlyMap<string, readonly string[]>;
  readonly friendlyNames: ReadonlyMap<string, string>;
}

/**
 * Reads the attributes of a verified assertion.
 * - Elements with the same Name are one attribute (Keycloak sends one element per role).
 * - Values are trimmed; empty and nil values do not count. An attribute without values stays, with no values: "none" is an answer.
 * - An attribute with a structured value is left out as if it had not been sent: its values are unknown, not none.
 *   The one exception is a NameID as value (eduPersonTargetedID), which stands for its text.
 * - Every name is an ordinary name, `__proto__` too.
 * @throws {Refusal} `malformed-claim` for values that are no text, or for more or longer ones than the limits allow
 */
export function readAttributes(assertion: XmlElement): ReadAttributes {
  const attributes = new Map<string, string[]>();
  const friendlyNames = new Map<string, string>();
  const structured = new Set<string>();
  const statements = childrenOf(assertion, ASSERTION, 'AttributeStatement');
  for (const attribute of statements.flatMap((statement) => childrenOf(statement, ASSERTION, 'Attribute'))) {
    const name = claimText(attribute.attributes.get('Name') ?? '', NAME_BYTES_MAX);
    const friendlyName = claimText(attribute.attributes.get('FriendlyName') ?? '', NAME_BYTES_MAX);
    demand(name !== '', 'malformed-claim', 'An attribute has no Name.');
    const values = attributes.get(name) ?? [];
    const added = valuesOf(attribute);
    if (added) values.push(...within(values.length + added.length, added));
    else structured.add(name);
    attributes.set(name, values);
    if (friendlyName && !friendlyNames.has(friendlyName)) friendlyNames.set(friendlyName, name);
  }
  const few = attributes.size <= ATTRIBUTES_MAX;
  demand(few, 'malformed-claim', `The assertion has more than ${ATTRIBUTES_MAX} attributes.`);
  for (const name of structured) attributes.delete(name);
  return { attributes, friendlyNames: new Map([...friendlyNames].filter(([, name]) => attributes.has(name))) };
}

/**
 * Trims a text from outside and refuses what could not be stored, compared or shown.
 * @param bytesMax limit in UTF-8 bytes, after trimming
 * @throws {Refusal} `malformed-claim`
 */
export function claimText(text: string, bytesMax: number): string {
  const trimmed = trimXml(text);
  const isText = !NOT_TEXT.test(trimmed.replace(WHITE_SPACE, ' '));
  demand(isText, 'malformed-claim', 'A name or value holds a character that is not text.');
  const fits = Buffer.byteLength(trimmed) <= bytesMax;
  demand(fits, 'malformed-claim', `A name or value is longer than ${bytesMax} bytes.`);
  return trimmed;
}

/** Texts of an attribute, or `undefined` when one of its values is a structure. */
function valuesOf(attribute: XmlElement): readonly string[] | undefined {
  const values = childrenOf(attribute, ASSERTION, 'AttributeValue').filter(
    (value) => !NIL.test(value.attributes.get('xsi:nil') ?? ''),
  );
  const texts = values.map((value) => (value.children.length === 0 ? value : nameIdIn(value))?.text);
  if (texts.includes(undefined)) return undefined;
  return texts.map((text) => claimText(text ?? '', VALUE_BYTES_MAX)).filter((text) => text !== '');
}

function nameIdIn({ children: [only, ...others] }: XmlElement): XmlElement | undefined {
  const plain = only && is(only, ASSERTION, 'NameID') && only.children.length === 0 && others.length === 0;
  return plain ? only : undefined;
}

function within(count: number, values: readonly string[]): readonly string[] {
  const few = count <= VALUES_PER_ATTRIBUTE_MAX;
  demand(few, 'malformed-claim', `An attribute has more than ${VALUES_PER_ATTRIBUTE_MAX} values.`);
  return values;
}
