/** Longest record that is taken, characters: a longer one is a quote that was never closed. */
const MOST_CHARACTERS = 4_000_000;

/** Reads CSV as RFC 4180 has it: quotes, doubled inside, around whatever holds a comma, a quote or a line break. @throws {SyntaxError} */
export async function* csvRecords(text: AsyncIterable<string>): AsyncIterable<string[]> {
  const reader = new RecordReader();
  for await (const piece of text) yield* reader.take(piece);
  yield* reader.end();
}

class RecordReader {
  #cells: string[] = [];
  #cell = '';
  #quoted = false;
  /** A quote inside quotes was read: it ends them, or is doubled. */
  #afterQuote = false;
  #length = 0;

  *take(piece: string): Iterable<string[]> {
    for (const character of piece) {
      this.#length += 1;
      if (this.#length > MOST_CHARACTERS) throw new SyntaxError('A record does not end.');
      if (this.#quoted) this.#inQuotes(character);
      else if (character === '\n') yield this.#record();
      else this.#outside(character);
    }
  }

  *end(): Iterable<string[]> {
    if (this.#quoted) throw new SyntaxError('The last record is cut off.');
    if (this.#cell !== '' || this.#cells.length > 0) yield this.#record();
  }

  #inQuotes(character: string): void {
    if (character === '"') {
      this.#quoted = false;
      this.#afterQuote = true;
    } else this.#cell += character;
  }

  #outside(character: string): void {
    if (character === '"') {
      if (this.#afterQuote) this.#cell += '"';
      this.#quoted = true;
    } else if (character === ',') this.#nextCell();
    else if (character !== '\r') this.#cell += character;
    this.#afterQuote = false;
  }

  #nextCell(): void {
    this.#cells.push(this.#cell);
    this.#cell = '';
  }

  #record(): string[] {
    this.#nextCell();
    const record = this.#cells;
    this.#cells = [];
    this.#length = 0;
    this.#afterQuote = false;
    return record;
  }
}
