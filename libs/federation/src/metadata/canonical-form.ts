import { demandMetadata } from './metadata.errors.js';
import { CANONICAL_CHARACTERS_MAX } from './metadata-limits.js';
import { NamespaceScope } from './namespace-scope.js';
import type { StartTag, XmlVisitor } from './xml-stream.js';

/** Which part of a document is written, and how. */
export interface CanonicalFormOptions {
  /** Where the part begins: the first element for which this holds. */
  readonly begins: (tag: StartTag) => boolean;
  /** What is left out of it, with everything inside. */
  readonly leavesOut?: (tag: StartTag) => boolean;
  /** Prefixes that are written wherever they are in scope, `#default` among them. */
  readonly inclusivePrefixes?: readonly string[];
}

const NONE = new NamespaceScope([]);

/**
 * Writes a part of a document in exclusive canonical form without comments while it is read, at the cost of one pass.
 * That it writes exactly what the signer wrote decides whether honest metadata is accepted, never whether forged metadata is: what is read
 * afterwards are the very octets whose digest was signed.
 * @throws {MetadataError} `metadata-too-large` when it becomes longer than `CANONICAL_CHARACTERS_MAX`
 * @see https://www.w3.org/TR/xml-exc-c14n/ and https://www.w3.org/TR/xml-c14n, 2.3
 */
export class CanonicalForm implements XmlVisitor {
  readonly #options: Required<CanonicalFormOptions>;
  /** Declarations that the output has made, by level. */
  readonly #written: NamespaceScope[] = [];
  #omittedLevels = 0;
  #text = '';
  /** The element at which the part began. */
  apex: StartTag | undefined;
  /** How often something was left out. */
  omissions = 0;
  done = false;

  constructor({ begins, leavesOut = () => false, inclusivePrefixes = [] }: CanonicalFormOptions) {
    const prefixes = inclusivePrefixes.map((prefix) => (prefix === '#default' ? '' : prefix));
    this.#options = { begins, leavesOut, inclusivePrefixes: prefixes };
  }

  /** What was written; empty where the part did not occur. */
  get octets(): string {
    return this.#text;
  }

  open(tag: StartTag): void {
    if (this.done || (!this.apex && !this.#options.begins(tag))) return;
    this.apex ??= tag;
    if (this.#omittedLevels > 0 || this.#options.leavesOut(tag)) {
      if (this.#omittedLevels === 0) this.omissions += 1;
      this.#omittedLevels += 1;
      return;
    }
    const outer = this.#written.at(-1) ?? NONE;
    const declared = this.#declarations(tag, outer);
    this.#written.push(declared.length > 0 ? new NamespaceScope(declared, outer) : outer);
    this.#text += `<${tag.name}${declared.map(declaration).join('')}${inOrder(tag.attributes).map(attribute).join('')}>`;
    const fits = this.#text.length <= CANONICAL_CHARACTERS_MAX;
    demandMetadata(fits, 'metadata-too-large', 'The metadata as it was signed is larger than is accepted.');
  }

  text(text: string): void {
    if (this.#isWriting) this.#text += text.replace(/[&<>\r]/g, (character) => IN_TEXT[character] ?? character);
  }

  close(tag: StartTag): void {
    if (!this.apex || this.done) return;
    if (this.#omittedLevels > 0) {
      this.#omittedLevels -= 1;
      return;
    }
    this.#text += `</${tag.name}>`;
    this.#written.pop();
    this.done = tag === this.apex;
  }

  get #isWriting(): boolean {
    return this.apex !== undefined && !this.done && this.#omittedLevels === 0;
  }

  /** A declaration is written where its prefix is used, or asked for, and no element around it in the output says the same already. */
  #declarations({ prefix, attributes, scope }: StartTag, outer: NamespaceScope): [string, string][] {
    const used = attributes.map((each) => each.prefix).filter((each) => each !== '');
    const wanted = new Set([prefix, ...used, ...this.#options.inclusivePrefixes.filter((each) => scope.has(each))]);
    return [...wanted]
      .filter((each) => each !== 'xml')
      .map((each): [string, string] => [each, scope.get(each) ?? ''])
      .filter(([each, namespace]) => (outer.get(each) ?? '') !== namespace)
      .sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

type Attribute = StartTag['attributes'][number];

/** By namespace, those without one first, then by name. */
function inOrder(attributes: readonly Attribute[]): readonly Attribute[] {
  return attributes.toSorted((a, b) =>
    a.namespace === b.namespace ? (a.local < b.local ? -1 : 1) : a.namespace < b.namespace ? -1 : 1,
  );
}

const IN_TEXT: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#xD;' };
const IN_VALUE: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
};

const quoted = (value: string) => `"${value.replace(/[&<"\t\n\r]/g, (character) => IN_VALUE[character] ?? character)}"`;
const declaration = ([prefix, uri]: readonly [string, string]) =>
  ` xmlns${prefix === '' ? '' : `:${prefix}`}=${quoted(uri)}`;
const attribute = ({ name, value }: Attribute) => ` ${name}=${quoted(value)}`;
