/**
 * A count with what is counted, as sentences need it: `1 row`, `2 rows`, `0 rows`.
 * @param what in the singular; its plural ends in s
 * @param written how the number is written; default: its digits
 */
export const many = (count: number, what: string, written: (count: number) => string = String): string =>
  `${written(count)} ${what}${count === 1 ? '' : 's'}`;

/** The verb that goes with a count. */
export const isOrAre = (count: number): 'is' | 'are' => (count === 1 ? 'is' : 'are');

/** A whole number with its thousands apart: `1,048,575`. */
export const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');
