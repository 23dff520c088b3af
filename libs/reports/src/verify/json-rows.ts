/** Longest row that is taken, characters. */
const MOST_CHARACTERS = 4_000_000;

/** A row of a JSON file, by column. */
export type JsonRow = Readonly<Record<string, unknown>>;

/** Where rows stand: in an array in an object. */
const ROW_DEPTH = 2;

/**
 * Reads the rows of a report in JSON one by one, however they are laid out: the objects in the array `rows` of the outermost object. The
 * rest is not looked at.
 * @throws {SyntaxError} where a row is none, or the file is cut off
 */
export async function* jsonRows(text: AsyncIterable<string>): AsyncIterable<JsonRow> {
  const scanner = new Scanner();
  for await (const piece of text) yield* scanner.take(piece);
  scanner.end();
}

class Scanner {
  #depth = 0;
  #string = false;
  #escaped = false;
  /** The last text at the outermost level: the key of what follows. */
  #key = '';
  #row: string | null = null;

  *take(piece: string): Iterable<JsonRow> {
    for (const character of piece) {
      if (this.#row !== null) this.#row = grown(this.#row, character);
      if (this.#string) this.#inString(character);
      else if (character === '"') this.#beginString();
      else if (character === '{' || character === '[') this.#open(character);
      else if (character === '}' || character === ']') {
        const row = this.#close();
        if (row) yield row;
      }
    }
  }

  end(): void {
    if (this.#depth !== 0 || this.#string || this.#key === '') throw new SyntaxError('The file is cut off.');
  }

  #beginString(): void {
    this.#string = true;
    if (this.#depth === 1) this.#key = '';
  }

  #inString(character: string): void {
    if (this.#escaped) this.#escaped = false;
    else if (character === '\\') this.#escaped = true;
    else if (character === '"') this.#string = false;
    else if (this.#depth === 1) this.#key += character;
  }

  #open(character: string): void {
    if (character === '{' && this.#depth === ROW_DEPTH && this.#key === 'rows') this.#row = character;
    this.#depth += 1;
  }

  #close(): JsonRow | null {
    this.#depth -= 1;
    if (this.#depth < 0) throw new SyntaxError('A bracket closes what was not open.');
    if (this.#row === null || this.#depth !== ROW_DEPTH) return null;
    const row = JSON.parse(this.#row) as JsonRow;
    this.#row = null;
    return row;
  }
}

function grown(row: string, character: string): string {
  if (row.length >= MOST_CHARACTERS) throw new SyntaxError('A row does not end.');
  return row + character;
}
