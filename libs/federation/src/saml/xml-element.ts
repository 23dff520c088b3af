import sax from 'sax';

/** One element of a parsed document, namespaces resolved. */
export interface XmlElement {
  readonly namespace: string;
  readonly local: string;
  /** Attributes without a prefix by name; others, `xmlns` included, by their written name (`xsi:type`). */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** Text directly inside this element, in one piece, as written. */
  readonly text: string;
}

/** Bounds of a document; exceeding one ends the parse at once. */
export interface XmlLimits {
  readonly elements: number;
  readonly depth: number;
  readonly attributesPerElement: number;
}

/** The text is not well-formed XML, or uses an entity that XML itself does not define. */
export class XmlSyntaxError extends Error {}

/** The document is larger in some dimension than {@link XmlLimits} allow. */
export class XmlLimitError extends Error {}

type Scope = ReadonlyMap<string, string>;

interface OpenElement extends XmlElement {
  readonly children: OpenElement[];
  readonly scope: Scope;
  text: string;
}

/** `strictEntities`, which the types do not know: HTML's entities are not XML's. */
const OPTIONS: sax.SAXOptions & { strictEntities: boolean } = { strictEntities: true, position: false };
const XMLNS = 'http://www.w3.org/2000/xmlns/';
const OUTERMOST: Scope = new Map([
  ['', ''],
  ['xml', 'http://www.w3.org/XML/1998/namespace'],
  ['xmlns', XMLNS],
]);

/**
 * Parses a small document into elements. It knows elements, attributes, text and the five entities of XML, nothing else:
 * comments, processing instructions, CDATA and DOCTYPE must have been refused before.
 * Error messages carry no content, because content may be personal.
 * @throws {XmlSyntaxError} when it is not well-formed, namespaces included
 * @throws {XmlLimitError} when a limit is exceeded
 */
export function parseXml(xml: string, limits: XmlLimits): XmlElement {
  const parser = sax.parser(true, OPTIONS);
  const open: OpenElement[] = [];
  let root: OpenElement | undefined;
  let elements = 0;

  parser.onerror = () => {
    throw new XmlSyntaxError('The document is not well-formed XML.');
  };
  parser.onopentag = ({ name, attributes }) => {
    elements += 1;
    if (root && open.length === 0) throw new XmlSyntaxError('The document has two roots.');
    if (elements > limits.elements) throw new XmlLimitError(`The document has more than ${limits.elements} elements.`);
    if (open.length >= limits.depth) throw new XmlLimitError(`Elements are nested deeper than ${limits.depth}.`);
    const parent = open.at(-1);
    const element = openElement(name, Object.entries(attributes as Record<string, string>), parent?.scope, limits);
    parent?.children.push(element);
    root ??= element;
    open.push(element);
  };
  parser.onclosetag = () => open.pop();
  parser.ontext = (text) => {
    const element = open.at(-1);
    if (element) element.text += text;
  };
  parser.write(xml).close();
  if (!root) throw new XmlSyntaxError('The document has no element.');
  return root;
}

const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map();

function openElement(
  name: string,
  written: readonly [string, string][],
  outer: Scope = OUTERMOST,
  limits: XmlLimits,
): OpenElement {
  if (written.length > limits.attributesPerElement) {
    throw new XmlLimitError(`An element has more than ${limits.attributesPerElement} attributes.`);
  }
  const scope = scopeWith(written, outer);
  for (const [attribute] of written) if (attribute.includes(':')) namespaceOf(attribute, scope);
  const attributes = written.length === 0 ? NO_ATTRIBUTES : new Map(written);
  const local = name.slice(name.indexOf(':') + 1);
  return { namespace: namespaceOf(name, scope), local, attributes, children: [], scope, text: '' };
}

/** Namespaces in scope inside an element (Namespaces in XML 1.0): its own declarations over those around it. */
function scopeWith(written: readonly [string, string][], outer: Scope): Scope {
  const declared = written.filter(([name]) => name === 'xmlns' || name.startsWith('xmlns:'));
  if (declared.length === 0) return outer;
  const reserved = declared.some(
    ([name, uri]) => /^xmlns:xml(ns)?$/.test(name) || uri === XMLNS || (name !== 'xmlns' && uri === ''),
  );
  if (reserved) throw new XmlSyntaxError('A namespace is declared in a way that XML does not allow.');
  return new Map([...outer, ...declared.map(([name, uri]) => [name.slice(6), uri] as const)]);
}

function namespaceOf(name: string, scope: Scope): string {
  const colon = name.indexOf(':');
  const namespace = scope.get(colon < 0 ? '' : name.slice(0, colon));
  const wellFormed = colon !== 0 && colon === name.lastIndexOf(':') && colon < name.length - 1;
  if (namespace === undefined || !wellFormed) throw new XmlSyntaxError('A name has no namespace.');
  return namespace;
}
