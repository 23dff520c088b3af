import type { Json } from '#libs/kernel';

/** A row as it is written: column names to JSON values. Instants are ISO-8601 UTC with milliseconds. */
export type Row = Readonly<Record<string, Json>>;

/**
 * How rows of a table change.
 * `keyed`: one row per key, with the position of the last event that touched it.
 * `versioned`: one row per key and version, known from `from_pos` (inclusive) to `to_pos` (exclusive, null for the newest).
 * `appended`: rows that never change.
 */
export type TableKind = 'keyed' | 'versioned' | 'appended';

/** A table of the read model, owned by exactly one projection. */
export interface Table<R extends object = Row> {
  /** With schema and version, such as `read_model.grants_v1`. */
  readonly name: string;
  readonly kind: TableKind;
  /** Columns that identify a row; of a versioned table, together with `from_pos`. */
  readonly key: readonly (keyof R & string)[];
  /** All columns that the projection fills; bookkeeping columns are not among them. */
  readonly columns: readonly (keyof R & string)[];
}

/** What one event does to one row. Pure; `null` means that there is no row, before or after. */
export interface RowChange {
  readonly table: Table;
  readonly key: Row;
  readonly reduce: (current: Row | null) => Row | null;
}

/** Declares a table whose rows have type `R`; the columns are checked against `R` by the compiler, and against the database by a spec. */
export function table<R extends object>(
  name: string,
  kind: TableKind,
  key: readonly (keyof R & string)[],
  columns: Readonly<Record<keyof R & string, true>>,
): Table<R> {
  return { name: `read_model.${name}`, kind, key, columns: Object.keys(columns) as (keyof R & string)[] };
}

/**
 * Changes the row of a key: the reducer gets the row as it stands, or null, and answers what it becomes, or null to remove it.
 * Answering the row unchanged writes nothing.
 */
export function change<R extends object>(
  table: Table<R>,
  key: Partial<R>,
  reduce: (current: R | null) => R | null,
): RowChange {
  return { table: table as unknown as Table, key: key as Row, reduce: reduce as unknown as RowChange['reduce'] };
}

/** Writes a whole row, whatever stood there. */
export function put<R extends object>(table: Table<R>, row: R): RowChange {
  const key = Object.fromEntries(table.key.map((column) => [column, row[column]])) as Partial<R>;
  return change(table, key, () => row);
}

/**
 * Changes a row that must be there.
 * @throws {MissingRowError} (while folding) when it is not: the log tells of something that never began
 */
export function patch<R extends object>(
  table: Table<R>,
  key: Partial<R>,
  patchOf: (current: R) => Partial<R>,
): RowChange {
  return change(table, key, (current) => {
    if (current === null) throw new MissingRowError(table.name);
    return { ...current, ...patchOf(current) };
  });
}

/** An event changes a row that no earlier event made. */
export class MissingRowError extends Error {
  override readonly name = 'MissingRowError';
  constructor(tableName: string) {
    super(`The event changes a row of ${tableName} that no earlier event made.`);
  }
}
