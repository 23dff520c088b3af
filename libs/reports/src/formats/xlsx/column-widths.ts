import type { Cell, Column, ReportRow } from '../../column.js';

/** How many rows say how wide the columns are. */
export const ROWS_MEASURED = 100;

const NARROWEST = 8;
const WIDEST = 50;
/** Room for the sign of the filter in the head. */
const FILTER_SIGN = 4;

/** Characters that each column needs for its head and its first rows, within reason. */
export function columnWidths(columns: readonly Column[], rows: readonly ReportRow[]): readonly number[] {
  return columns.map(({ name }, at) => {
    const longest = rows.reduce((most, row) => Math.max(most, lengthOf(row[at] ?? null)), 0);
    return Math.min(WIDEST, Math.max(NARROWEST, name.length + FILTER_SIGN, longest + 2));
  });
}

function lengthOf(cell: Cell): number {
  if (cell === null) return 0;
  return (typeof cell === 'object' ? cell.join('; ') : String(cell)).length;
}
