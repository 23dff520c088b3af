import { setImmediate as nextTurn } from 'node:timers/promises';
import { demandMetadata } from './metadata.errors.js';
import { ATTRIBUTES_MAX, CHARACTERS_PER_TURN } from './metadata-limits.js';

const XML_DECLARATION =
  /^<\?xml\s+version=(["'])1\.0\1(\s+encoding=(["'])(utf-8|us-ascii)\3)?(\s+standalone=(["'])(yes|no)\6)?\s*\?>/i;

/**
 * Reduces a document to elements, attributes and text, about which no two parsers disagree, and does what XML 1.0 asks of a reader of text:
 * line ends become `\n` (2.11), white space in attributes becomes blanks (3.3.3). Comments, which metadata is full of, are taken out; that
 * changes no signature, since those are made without comments. Takes turns with other work.
 * @throws {MetadataError} `metadata-hostile` for DOCTYPE, CDATA, processing instructions and too many attributes, `metadata-malformed`
 *   for another encoding, an open comment, or `<` inside a tag
 */
export async function plainXml(xml: string): Promise<string> {
  const body = xml
    .replace(/^\ufeff/, '')
    .replace(XML_DECLARATION, '')
    .replace(/\r\n?/g, '\n');
  demandMetadata(!/^\s*<\?xml\s/i.test(body), 'metadata-malformed', 'The metadata is not XML 1.0 in UTF-8.');
  const scan = new Scan(body);
  let turn = CHARACTERS_PER_TURN;
  for (const { 0: mark, index } of body.matchAll(MARKS)) {
    scan.see(mark, index);
    if (index < turn) continue;
    await nextTurn();
    turn = index + CHARACTERS_PER_TURN;
  }
  return scan.end();
}

const MARKS = /<!--|<!|<\?|[<>"']/g;

/** Walks along the marks of a document: outside of tags, inside of a tag, or inside of an attribute's value. */
class Scan {
  readonly #body: string;
  #plain = '';
  /** Up to here the document was taken over or left out. */
  #from = 0;
  #inTag = false;
  #quote = '';
  #values = 0;

  constructor(body: string) {
    this.#body = body;
  }

  see(mark: string, index: number): void {
    if (index < this.#from) return; // inside a comment that was left out
    if (this.#quote) this.#inValue(mark, index);
    else if (this.#inTag) this.#insideTag(mark, index);
    else if (mark === '<!--') this.#leaveOutComment(index);
    else this.#outside(mark);
  }

  end(): string {
    return this.#plain + this.#body.slice(this.#from);
  }

  #outside(mark: string): void {
    demandMetadata(
      mark !== '<!' && mark !== '<?',
      'metadata-hostile',
      'DOCTYPE, CDATA and processing instructions are not allowed in metadata. Ask for it without them.',
    );
    this.#inTag = mark === '<';
    this.#values = 0;
  }

  #insideTag(mark: string, index: number): void {
    demandMetadata(!mark.startsWith('<'), 'metadata-malformed', NOT_WELL_FORMED);
    this.#inTag = mark !== '>';
    if (mark === '>') return;
    this.#quote = mark;
    this.#values += 1;
    demandMetadata(this.#values <= ATTRIBUTES_MAX, 'metadata-hostile', 'An element has too many attributes.');
    this.#take(index);
  }

  #inValue(mark: string, index: number): void {
    demandMetadata(!mark.startsWith('<'), 'metadata-malformed', NOT_WELL_FORMED);
    if (mark !== this.#quote) return;
    this.#quote = '';
    this.#plain += this.#body.slice(this.#from, index).replace(/[\t\n]/g, ' ');
    this.#from = index;
  }

  /** XML 1.0 2.5: no two hyphens inside, none at the end. */
  #leaveOutComment(index: number): void {
    const end = this.#body.indexOf('--', index + 4);
    demandMetadata(end >= 0 && this.#body[end + 2] === '>', 'metadata-malformed', NOT_WELL_FORMED);
    this.#take(index);
    this.#from = end + 3;
  }

  #take(to: number): void {
    this.#plain += this.#body.slice(this.#from, to);
    this.#from = to;
  }
}

/** Said of every document that no parser should accept; what was found in it is a stranger's text. */
export const NOT_WELL_FORMED = 'The metadata is not well-formed XML.';
