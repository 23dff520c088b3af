import type { XmlElement } from '../saml/xml-element.js';
import { demandMetadata } from './metadata.errors.js';
import { ENTITY_CHARACTERS_MAX, ENTITY_ELEMENTS_MAX } from './metadata-limits.js';
import type { StartTag, XmlVisitor } from './xml-stream.js';

interface GrowingElement extends XmlElement {
  readonly children: GrowingElement[];
  text: string;
}

/** An element that was looked for, and the elements around it, the nearest first. */
export interface CollectedElement {
  readonly element: XmlElement;
  readonly around: readonly StartTag[];
}

/**
 * Keeps the elements that are looked for, of a document that is otherwise read and forgotten.
 * @throws {MetadataError} `metadata-too-large` when one of them is larger than one entity may be
 */
export class ElementCollector implements XmlVisitor {
  readonly found: CollectedElement[] = [];
  root: StartTag | undefined;
  readonly #isWanted: (tag: StartTag) => boolean;
  readonly #most: number;
  readonly #open: GrowingElement[] = [];
  #elements = 0;
  #characters = 0;

  /** @param most how many are kept before the rest of the document does not matter */
  constructor(isWanted: (tag: StartTag) => boolean, most = Number.POSITIVE_INFINITY) {
    this.#isWanted = isWanted;
    this.#most = most;
  }

  get done(): boolean {
    return this.found.length >= this.#most && this.#open.length === 0;
  }

  open(tag: StartTag): void {
    this.root ??= tag;
    const parent = this.#open.at(-1);
    if (!parent && (this.found.length >= this.#most || !this.#isWanted(tag))) return;
    const attributes = new Map(tag.attributes.map(({ name, value }) => [name, value]));
    const element: GrowingElement = { namespace: tag.namespace, local: tag.local, attributes, children: [], text: '' };
    if (parent) parent.children.push(element);
    else this.#begin(element, tag);
    this.#open.push(element);
    this.#count(1, [...attributes.values()].join('').length);
  }

  text(text: string): void {
    const element = this.#open.at(-1);
    if (!element) return;
    element.text += text;
    this.#count(0, text.length);
  }

  close(): void {
    this.#open.pop();
  }

  #begin(element: XmlElement, tag: StartTag): void {
    const around: StartTag[] = [];
    for (let outer = tag.parent; outer; outer = outer.parent) around.push(outer);
    this.found.push({ element, around });
    this.#elements = 0;
    this.#characters = 0;
  }

  #count(elements: number, characters: number): void {
    this.#elements += elements;
    this.#characters += characters;
    const fits = this.#elements <= ENTITY_ELEMENTS_MAX && this.#characters <= ENTITY_CHARACTERS_MAX;
    demandMetadata(fits, 'metadata-too-large', 'One entity of the metadata is larger than is accepted.');
  }
}
