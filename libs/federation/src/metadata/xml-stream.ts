import { setImmediate as nextTurn } from 'node:timers/promises';
import sax from 'sax';
import { demandMetadata, MetadataError } from './metadata.errors.js';
import { ATTRIBUTES_MAX, CHARACTERS_PER_TURN, DECLARATIONS_MAX, DEPTH_MAX, PREFIXES_MAX } from './metadata-limits.js';
import { NamespaceScope } from './namespace-scope.js';
import { NOT_WELL_FORMED } from './plain-xml.js';

/** A name as it was written, and what it means. */
export interface XmlName {
  readonly name: string;
  readonly prefix: string;
  readonly local: string;
  readonly namespace: string;
}

/** The beginning of an element. */
export interface StartTag extends XmlName {
  /** In the order in which they were written, without the declarations of namespaces. */
  readonly attributes: readonly (XmlName & { readonly value: string })[];
  readonly scope: NamespaceScope;
  /** The element around it; undefined for the root. */
  readonly parent: StartTag | undefined;
  /** 0 for the root. */
  readonly depth: number;
}

/** Is told of a document piece by piece. */
export interface XmlVisitor {
  open(tag: StartTag): void;
  text(text: string): void;
  close(tag: StartTag): void;
  /** True once the rest does not matter: it is then not read, and not even checked for being well-formed. */
  readonly done?: boolean;
}

const OPTIONS: sax.SAXOptions & { strictEntities: boolean } = { strictEntities: true, position: false };
const XML = 'http://www.w3.org/XML/1998/namespace';
const XMLNS = 'http://www.w3.org/2000/xmlns/';
const OUTERMOST = new NamespaceScope([
  ['', ''],
  ['xml', XML],
]);

/**
 * Reads a document of {@link plainXml} from end to end without keeping it, taking turns with other work.
 * @throws {MetadataError} `metadata-malformed` when it is not well-formed, namespaces included, `metadata-hostile` when it is nested too deep or
 *   declares too many namespaces
 */
export async function walkXml(xml: string, visitor: XmlVisitor): Promise<void> {
  const open: StartTag[] = [];
  let ended = false;
  let declarations = 0;
  const parser = sax.parser(true, OPTIONS);
  parser.onerror = () => {
    throw malformed();
  };
  parser.onopentag = ({ name, attributes }) => {
    if (ended) throw malformed();
    demandMetadata(open.length < DEPTH_MAX, 'metadata-hostile', `Elements are nested deeper than ${DEPTH_MAX}.`);
    const tag = startTag(name, Object.entries(attributes as Record<string, string>), open.at(-1));
    declarations += Object.keys(attributes).length - tag.attributes.length;
    demandMetadata(declarations <= DECLARATIONS_MAX, 'metadata-hostile', TOO_MANY_NAMESPACES);
    open.push(tag);
    visitor.open(tag);
  };
  parser.ontext = (text) => {
    if (open.length > 0) visitor.text(text);
  };
  parser.onclosetag = () => {
    visitor.close(open.pop() as StartTag);
    ended = open.length === 0;
  };
  for (let at = 0; at < xml.length; at += CHARACTERS_PER_TURN) {
    parser.write(xml.slice(at, at + CHARACTERS_PER_TURN));
    if (visitor.done) return;
    await nextTurn();
  }
  parser.close();
  if (!ended) throw malformed();
}

function startTag(name: string, written: readonly [string, string][], parent: StartTag | undefined): StartTag {
  demandMetadata(written.length <= ATTRIBUTES_MAX, 'metadata-hostile', 'An element has too many attributes.');
  const isDeclaration = ([attribute]: readonly [string, string]) =>
    attribute === 'xmlns' || attribute.startsWith('xmlns:');
  const scope = scopeWith(written.filter(isDeclaration), parent?.scope ?? OUTERMOST);
  const attributes = written
    .filter((entry) => !isDeclaration(entry))
    .map(([attribute, value]) => ({ ...nameOf(attribute, scope, ''), value }));
  return {
    ...nameOf(name, scope, scope.get('') ?? ''),
    attributes,
    scope,
    parent,
    depth: parent ? parent.depth + 1 : 0,
  };
}

/** Declarations over those around them. @see Namespaces in XML 1.0, 3 for what may not be declared */
function scopeWith(declared: readonly [string, string][], outer: NamespaceScope): NamespaceScope {
  if (declared.length === 0) return outer;
  for (const [name, uri] of declared) {
    const reserved = /^xmlns:xml(ns)?$/.test(name) || uri === XMLNS || uri === XML;
    if (reserved || (name !== 'xmlns' && uri === '')) throw malformed();
  }
  const scope = new NamespaceScope(
    declared.map(([name, uri]) => [name.slice('xmlns:'.length), uri] as const),
    outer,
  );
  demandMetadata(scope.size <= PREFIXES_MAX, 'metadata-hostile', TOO_MANY_NAMESPACES);
  return scope;
}

function nameOf(name: string, scope: NamespaceScope, unprefixed: string): XmlName {
  const [prefix, local, ...rest] = name.includes(':') ? name.split(':') : ['', name];
  const namespace = prefix === '' ? unprefixed : scope.get(prefix ?? '');
  const wellFormed = rest.length === 0 && !!local && !name.startsWith(':');
  if (namespace === undefined || !wellFormed) throw malformed();
  return { name, prefix: prefix ?? '', local, namespace };
}

const TOO_MANY_NAMESPACES = 'The metadata declares too many namespaces.';
const malformed = () => new MetadataError('metadata-malformed', NOT_WELL_FORMED);
