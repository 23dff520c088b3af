/**
 * What the cells of a column hold. `text`, `integer`, `decimal` and `boolean` as their names say; `instant` is ISO-8601 UTC with milliseconds;
 * `list` holds several texts.
 */
export type CellType = 'text' | 'integer' | 'decimal' | 'boolean' | 'instant' | 'list';

/** One value; null where there is none. Instants are texts. */
export type Cell = string | number | boolean | readonly string[] | null;

/** One row, its cells in the order of the report's columns. */
export type ReportRow = readonly Cell[];

/** A column of a report: its name and meaning never change, new ones come with a new version of the report. */
export interface Column {
  /** camelCase, unique in its report; the head of the column in every format. */
  readonly name: string;
  readonly type: CellType;
  /** One sentence: what it says, with the unit where there is one, and when it is empty. */
  readonly means: string;
  /** Data about a person: shown to callers with `personal:read` alone, `[withheld]` otherwise. */
  readonly personal?: true;
}
