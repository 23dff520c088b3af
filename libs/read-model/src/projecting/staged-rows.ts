import { isDeepStrictEqual } from 'node:util';
import type { Row, RowChange, Table, TableKind } from './table.js';

/** A row with its bookkeeping columns: `position`, or `from_pos` and `to_pos`. */
export type StoredRow = Row;

/** Which rows to write and to remove, per table, so that everything staged takes effect. */
export interface TableWrites {
  readonly table: Table;
  /** Whole rows; a row that stands already at the same place is replaced. */
  readonly upserts: readonly StoredRow[];
  readonly removals: readonly Row[];
}

/**
 * Folds changes over the rows that they touch, in memory, event by event, so that a batch of any size ends in the same rows.
 * An event that fails leaves nothing behind. A change that a row has already seen (by position) does nothing.
 */
export class StagedRows {
  readonly #tables = new Map<string, StagedTable>();

  /** @param loaded the newest row of every key that the changes will touch, per table; absent keys have no row */
  constructor(loaded: readonly { readonly table: Table; readonly rows: readonly StoredRow[] }[]) {
    for (const { table, rows } of loaded) this.#tables.set(table.name, new StagedTable(table, rows));
  }

  /** Applies what one event changes, all of it or, when a reducer throws, nothing. */
  apply(changes: readonly RowChange[], position: number): void {
    const touched = new Set<StagedTable>();
    try {
      for (const { table, key, reduce } of changes) {
        const staged = this.#tables.get(table.name);
        if (!staged) throw new TypeError(`No rows of ${table.name} were loaded.`);
        touched.add(staged);
        staged.apply(key, reduce, position);
      }
    } catch (error) {
      for (const staged of touched) staged.discard();
      throw error;
    }
    for (const staged of touched) staged.keep();
  }

  writes(): TableWrites[] {
    return [...this.#tables.values()].map((staged) => staged.writes()).filter(hasWork);
  }
}

const hasWork = ({ upserts, removals }: TableWrites) => upserts.length + removals.length > 0;

/** Text by which the row of a key is found again. */
export const keyText = (key: Row, columns: readonly string[]): string =>
  JSON.stringify(columns.map((column) => key[column]));

/** What an event does to one row. */
interface Draft {
  readonly key: Row;
  readonly before: StoredRow | null;
  readonly after: StoredRow | null;
  readonly position: number;
}

class StagedTable {
  /** Newest row per key; null where there is none any more. */
  readonly #heads = new Map<string, StoredRow | null>();
  /** Rows to write, by key (and `from_pos`). */
  readonly #dirty = new Map<string, StoredRow>();
  readonly #removed = new Map<string, Row>();
  /** What the present event does, not yet kept. */
  readonly #draft = new Map<string, Draft>();

  constructor(
    private readonly table: Table,
    rows: readonly StoredRow[],
  ) {
    for (const row of rows) this.#heads.set(keyText(row, table.key), row);
  }

  apply(key: Row, reduce: RowChange['reduce'], position: number): void {
    const { kind } = this.table;
    const text = keyText(key, this.table.key);
    const before = this.#heads.get(text) ?? null;
    if (before !== null && seen(kind, before) >= position) return;
    const draft = this.#draft.get(text);
    const current = draft ? draft.after : before;
    const content = current && contentOf(kind, current);
    const next = reduce(content);
    if (isDeepStrictEqual(next, content)) return;
    this.#draft.set(text, { key, before, after: next && stamped(kind, next, position), position });
  }

  discard(): void {
    this.#draft.clear();
  }

  keep(): void {
    for (const [text, draft] of this.#draft) {
      this.#heads.set(text, draft.after);
      if (this.table.kind === 'versioned') this.#keepVersion(text, draft);
      else this.#keepRow(text, draft);
    }
    this.#draft.clear();
  }

  writes(): TableWrites {
    return { table: this.table, upserts: [...this.#dirty.values()], removals: [...this.#removed.values()] };
  }

  #keepRow(text: string, { key, after }: Draft): void {
    if (after === null) {
      this.#dirty.delete(text);
      this.#removed.set(text, key);
    } else {
      this.#removed.delete(text);
      this.#dirty.set(text, after);
    }
  }

  #keepVersion(text: string, { before, after, position }: Draft): void {
    if (before !== null) this.#dirty.set(`${text}@${before.from_pos}`, { ...before, to_pos: position });
    if (after !== null) this.#dirty.set(`${text}@${position}`, after);
  }
}

/** Position of the newest event that a row has seen. Rows that never change have seen everything about them. */
function seen(kind: TableKind, row: StoredRow): number {
  if (kind === 'appended') return Number.POSITIVE_INFINITY;
  return (kind === 'versioned' ? row.from_pos : row.position) as number;
}

function stamped(kind: TableKind, row: Row, position: number): StoredRow {
  if (kind === 'versioned') return { ...row, from_pos: position, to_pos: null };
  return kind === 'keyed' ? { ...row, position } : row;
}

function contentOf(kind: TableKind, row: StoredRow): Row {
  if (kind === 'appended') return row;
  const { position: _position, from_pos: _from, to_pos: _to, ...content } = row;
  return content;
}
