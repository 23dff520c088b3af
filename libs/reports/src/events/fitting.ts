/** Most values of one list; further ones are counted. */
const VALUES_MAX = 200;

/** Most characters of one list, well within a cell of a spreadsheet; values that do not fit any more are counted. */
const CHARACTERS_MAX = 20_000;

/** As many of these texts as fit into one cell; how many do not is said in a last one, so that nothing is left out in silence. */
export function fitting(texts: readonly string[]): readonly string[] {
  let characters = 0;
  let fit = 0;
  for (const text of texts) {
    characters += text.length + 2;
    if (fit === VALUES_MAX || characters > CHARACTERS_MAX) break;
    fit += 1;
  }
  return fit === texts.length ? texts : [...texts.slice(0, fit), `… and ${texts.length - fit} more: see the event`];
}
