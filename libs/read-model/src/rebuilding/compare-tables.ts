import { createHash } from 'node:crypto';
import type { Queryable } from '#libs/database';
import type { Projection } from '../projecting/projection.js';
import type { Table } from '../projecting/table.js';
import {
  type DigestChunk,
  digestAfter,
  digestBetween,
  hashesBetween,
  type Key,
  type KeyColumn,
  keyColumns,
} from './row-digests.js';
import { twinOfTable } from './twin.js';

/** Differing rows of one table whose keys are told. */
export const MAX_TOLD_KEYS = 20;

/** How one live table differs from what the log says. Keys are ids and names of configuration, never personal data. */
export interface TableDifferences {
  /** Live table, with its schema. */
  readonly table: string;
  /** Rows of the rebuilt table. */
  readonly rows: number;
  /** Rows that the live table lacks. */
  readonly missing: number;
  /** Rows that only the live table has. */
  readonly surplus: number;
  /** Rows that both have, with other content. */
  readonly changed: number;
  /** The first 20 keys of such rows, columns of the primary key joined with `/`. */
  readonly keys: readonly string[];
}

/** What a comparison came to. */
export interface Comparison {
  /** SHA-256 (hex) over the rebuilt tables: their counts and the sums of the hashes of their rows, so the order of rows is no matter. */
  readonly digest: string;
  readonly tables: readonly TableDifferences[];
}

/** Both sides of a comparison: the live tables as they stand still somewhere, and their twins. */
export interface Sides {
  readonly live: Queryable;
  readonly shadow: Queryable;
  /** Rows that one statement looks at. */
  readonly chunk: number;
  readonly signal: AbortSignal;
  /** Told of rows that were compared, over all tables. */
  readonly onRows: (rows: number) => void;
}

/** How many rows differ. */
export const countDifferences = (tables: readonly TableDifferences[]): number =>
  tables.reduce((sum, { missing, surplus, changed }) => sum + missing + surplus + changed, 0);

/**
 * Compares each live table with its twin, chunk by chunk along the primary key: hashes are computed and added up in the database, and rows
 * are looked at one by one only where a chunk differs.
 */
export async function compareTables(sides: Sides, projection: Projection): Promise<Comparison> {
  const tables: TableDifferences[] = [];
  const whole = createHash('sha256');
  for (const table of projection.tables) {
    const { differences, digest } = await compareTable(sides, table);
    tables.push(differences);
    whole.update(`${table.name} ${digest}\n`);
  }
  return { digest: whole.digest('hex'), tables };
}

async function compareTable(sides: Sides, table: Table) {
  const columns = await keyColumns(sides.live, table);
  const tally = new Tally(table);
  const sum = { rows: 0, first: 0n, second: 0n };
  let after: Key | null = null;
  for (;;) {
    sides.signal.throwIfAborted();
    const live = await digestAfter(sides.live, table, columns, after, sides.chunk);
    const through = live.rows === sides.chunk ? live.last : null;
    const twin = await digestBetween(sides.shadow, twinOfTable(table), columns, after, through);
    if (!sameRows(live, twin)) await compareRows(sides, table, columns, { after, through }, tally);
    sum.rows += twin.rows;
    sum.first += twin.first;
    sum.second += twin.second;
    sides.onRows(twin.rows);
    if (through === null) break;
    after = through;
  }
  return { differences: tally.differences(sum.rows), digest: `${sum.rows}:${sum.first}:${sum.second}` };
}

const sameRows = (a: DigestChunk, b: DigestChunk) => a.rows === b.rows && a.first === b.first && a.second === b.second;

/** At most a chunk of live rows lies in the range, whatever lies there in the twin. */
async function compareRows(
  { live, shadow, chunk, signal }: Sides,
  table: Table,
  columns: readonly KeyColumn[],
  { after, through }: { readonly after: Key | null; readonly through: Key | null },
  tally: Tally,
): Promise<void> {
  const unmatched = new Map<string, string>();
  for (const { key, hash } of await hashesBetween(live, table, columns, { after, through, limit: chunk }))
    unmatched.set(keyOf(key), hash);
  for (let from = after; ; ) {
    signal.throwIfAborted();
    const page = await hashesBetween(shadow, twinOfTable(table), columns, { after: from, through, limit: chunk });
    for (const { key, hash } of page) {
      const name = keyOf(key);
      const there = unmatched.get(name);
      if (there === undefined) tally.add('missing', name);
      else if (there !== hash) tally.add('changed', name);
      unmatched.delete(name);
    }
    if (page.length < chunk) break;
    from = page.at(-1)?.key ?? null;
  }
  for (const name of unmatched.keys()) tally.add('surplus', name);
}

const keyOf = (key: Key): string => key.join('/');

/** Counts differences and keeps the first keys. */
class Tally {
  readonly #counts = { missing: 0, surplus: 0, changed: 0 };
  readonly #keys: string[] = [];

  constructor(private readonly table: Table) {}

  add(what: 'missing' | 'surplus' | 'changed', key: string): void {
    this.#counts[what] += 1;
    if (this.#keys.length < MAX_TOLD_KEYS) this.#keys.push(key);
  }

  differences(rows: number): TableDifferences {
    return { table: this.table.name, rows, ...this.#counts, keys: this.#keys };
  }
}
