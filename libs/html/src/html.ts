/** Text that is HTML already and is written as it stands. Made by {@link html}, or by {@link trusted} from constants. */
export class Html {
  constructor(private readonly markup: string) {}

  toString(): string {
    return this.markup;
  }
}

/** What a template may hold. `null`, `undefined` and `false` write nothing; arrays write their items one after another. */
export type HtmlValue = Html | string | number | null | undefined | false | readonly HtmlValue[];

const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Writes HTML from a template; every value that is not {@link Html} is escaped for text and for quoted attributes.
 * Attribute values must stand in quotes; values do not belong inside `<script>` or `<style>`, and an address from outside
 * must have its scheme checked before it becomes an `href`, `src` or `action`: escaping cannot make these safe.
 * U+0000 and lone surrogates are written as U+FFFD, since HTML cannot carry them.
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(strings.reduce((written, literal, index) => written + write(values[index - 1]) + literal));
}

/** Marks text as HTML without escaping it. For constants of the program (a stylesheet, a drawing), never for input. */
export function trusted(markup: string): Html {
  return new Html(markup);
}

function write(value: HtmlValue): string {
  if (value === null || value === undefined || value === false) return '';
  if (value instanceof Html) return value.toString();
  if (typeof value === 'object') return value.map(write).join('');
  return escaped(String(value));
}

function escaped(value: string): string {
  return value
    .toWellFormed()
    .replaceAll('\u0000', '\ufffd')
    .replace(/[&<>"']/g, (character) => REFERENCES[character] ?? character);
}
