/** Characters that XML 1.0 cannot hold or would change, lone surrogates among them. (XML 1.0, 2.2 and 2.11) */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
const NOT_IN_XML = /[\0-\x08\x0b-\x1f\ufffe\uffff]|\p{Cs}/gu;

/** What would be read as such an escape. */
const LOOKS_ESCAPED = /_(?=x[0-9A-Fa-f]{4}_)/g;

/** What any of this applies to; one look at each of many millions has to do. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
const NOT_PLAIN = /[\0-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff_&<>"]/;

const REFERENCES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** A text as it stands in a workbook; what XML cannot hold is written `_xHHHH_`. (ECMA-376 part 1, 22.9.2.19 ST_Xstring) */
export function xlsxText(text: string): string {
  if (!NOT_PLAIN.test(text)) return text;
  return text
    .replace(LOOKS_ESCAPED, '_x005F_')
    .replace(NOT_IN_XML, (character) => `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`)
    .replace(/[&<>"]/g, (character) => REFERENCES[character] ?? character);
}
