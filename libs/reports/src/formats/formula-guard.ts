/**
 * What spreadsheets take for the beginning of a formula, also in its full-width form. (OWASP, CSV Injection; ASVS 5.0, 1.2.10)
 */
const FORMULA = '=+\\-@＝＋－＠';

/**
 * A formula may begin a cell, and also whatever a program takes for one: many split a file at semicolons or tabs when that is the custom of
 * their country. What CSV doubles in the middle of a text, `""`, is then an empty quoted part at the beginning of a field.
 */
const BEGINS_FORMULA = new RegExp(`(^|[;\\t\\r\\n])([ "]*)('*[${FORMULA}])`, 'g');

const GUARDED_FORMULA = new RegExp(`(^|[;\\t\\r\\n])([ "]*)'('*[${FORMULA}])`, 'g');

/** What every text that needs the guard has; one look at each of many millions has to do. */
const SUSPICIOUS = new RegExp(`[;\\t\\r\\n]|^[ '"\\0${FORMULA}]`);

const BEGINS_UNSEEN = /^'*[\t\r\n\0]/;

/** Whether a spreadsheet could take the text, or part of it, for a formula. */
export function couldBecomeFormula(text: string): boolean {
  return guarded(text) !== text;
}

/**
 * The text with an apostrophe before everything in it that could become a formula, and before a tab, line break or U+0000 at its beginning.
 * Where a text has apostrophes in such a place already, it has one more: so {@link unguarded} gives exactly what it was.
 */
export function guarded(text: string): string {
  if (!SUSPICIOUS.test(text)) return text;
  const inside = text.replace(BEGINS_FORMULA, "$1$2'$3");
  return BEGINS_UNSEEN.test(text) ? `'${inside}` : inside;
}

/** What was {@link guarded}. */
export function unguarded(text: string): string {
  const inside = BEGINS_UNSEEN.test(text) ? text.slice(1) : text;
  return inside.replace(GUARDED_FORMULA, '$1$2$3');
}
