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

interface OpenElement extends XmlElement {
  readonly children: OpenElement[];
  text: string;
}

/** `strictEntities`, which the types do not know: HTML's entities are not XML's. */
const OPTIONS: sax.SAXOptions & { strictEntities: boolean } = { xmlns: true, strictEntities: true, position: false };

/**
 * Parses a small document into elements. It knows elements, attributes, text and the five entities of XML, nothing else:
 * comments, processing instructions, CDATA and DOCTYPE must have been refused before.
 * Error messages carry no content, because content may be personal.
 * @throws {XmlSyntaxError} when it is not well-formed
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
  parser.onopentag = (tag) => {
    elements += 1;
    if (root && open.length === 0) throw new XmlSyntaxError('The document has two roots.');
    const element = openElement(tag as sax.QualifiedTag, limits);
    if (elements > limits.elements) throw new XmlLimitError(`The document has more than ${limits.elements} elements.`);
    if (open.length >= limits.depth) throw new XmlLimitError(`Elements are nested deeper than ${limits.depth}.`);
    open.at(-1)?.children.push(element);
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

function openElement({ uri, local, attributes }: sax.QualifiedTag, limits: XmlLimits): OpenElement {
  const written = Object.values(attributes);
  if (written.length > limits.attributesPerElement) {
    throw new XmlLimitError(`An element has more than ${limits.attributesPerElement} attributes.`);
  }
  const named = written.length === 0 ? NO_ATTRIBUTES : new Map(written.map(({ name, value }) => [name, value]));
  return { namespace: uri, local, attributes: named, children: [], text: '' };
}
