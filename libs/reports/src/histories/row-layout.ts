import type { Cell, Column, ReportRow } from '../column.js';

/** A column together with where its cells come from. */
export interface CellOf<T> extends Column {
  readonly of: (subject: T) => Cell;
}

/** How rows of a kind are laid out. */
export interface RowLayout<T> {
  readonly columns: readonly Column[];
  /** @param personal whether personal columns are shown */
  row(subject: T, personal: boolean): ReportRow;
}

/** What stands in place of personal data for callers who may not see it, and in place of what was made unreadable. */
const WITHHELD = '[withheld]';
const ERASED = '[erased]';

/** Lays rows out column by column, so that no cell is without a column and none that is personal is shown to everybody. */
export function rowLayout<T>(cells: readonly CellOf<T>[]): RowLayout<T> {
  return {
    columns: cells.map(({ of: _of, ...column }) => column),
    row: (subject, personal) =>
      cells.map((column) => {
        const cell = column.of(subject);
        return column.personal && !personal ? withheld(cell) : cell;
      }),
  };
}

function withheld(cell: Cell): Cell {
  if (cell === null || cell === ERASED) return cell;
  if (!Array.isArray(cell)) return WITHHELD;
  return cell.map(() => WITHHELD);
}
