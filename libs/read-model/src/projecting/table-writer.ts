import type { Queryable } from '#libs/database';
import type { StoredRow, TableWrites } from './staged-rows.js';
import type { Row, Table } from './table.js';

/**
 * Rows travel as one JSON parameter that PostgreSQL spreads over the table's own column types: one statement per table and batch,
 * whatever its columns are.
 */
const recordset = (table: Table) => `jsonb_populate_recordset(null::${table.name}, $1::jsonb)`;

/** Columns beyond the projection's own: what the bookkeeping needs. */
const BOOKKEEPING = { keyed: ['position'], versioned: ['from_pos', 'to_pos'], appended: [] } as const;

/** Reads the newest row of each key. Rows of tables that are only appended to are never read back. */
export async function loadHeads(client: Queryable, table: Table, keys: readonly Row[]): Promise<readonly StoredRow[]> {
  if (keys.length === 0 || table.kind === 'appended') return [];
  const { rows } = await client.query<Record<string, unknown>>({
    name: `heads:${table.name}`,
    text: `select ${columnsOf(table)
      .map((column) => `t.${column}`)
      .join(', ')} from ${recordset(table)} k
           join ${table.name} t on ${sameKey(table, 't', 'k')}${table.kind === 'versioned' ? ' and t.to_pos is null' : ''}`,
    values: [JSON.stringify(keys)],
  });
  return rows.map(inJson);
}

/** Writes what was staged; writing the same again changes nothing. */
export async function writeRows(client: Queryable, { table, upserts, removals }: TableWrites): Promise<void> {
  if (removals.length > 0) {
    await client.query({
      name: `remove:${table.name}`,
      text: `delete from ${table.name} t using ${recordset(table)} k where ${sameKey(table, 't', 'k')}`,
      values: [JSON.stringify(removals)],
    });
  }
  if (upserts.length > 0)
    await client.query({ name: `write:${table.name}`, text: upsert(table), values: [JSON.stringify(upserts)] });
}

function upsert(table: Table): string {
  const columns = columnsOf(table);
  const place = table.kind === 'versioned' ? [...table.key, 'from_pos'] : table.key;
  const rest = columns.filter((column) => !place.includes(column));
  const onConflict =
    table.kind === 'appended'
      ? 'do nothing'
      : `(${place.join(', ')}) do update set ${rest.map((column) => `${column} = excluded.${column}`).join(', ')}`;
  const list = columns.join(', ');
  // two partitions may write the same row of a table that is only appended to: in one order, so that neither waits for the other in a circle
  const order = table.kind === 'appended' ? ` order by ${table.key.join(', ')}` : '';
  return `insert into ${table.name} (${list}) select ${list} from ${recordset(table)}${order} on conflict ${onConflict}`;
}

/** Every column that is read and written. */
export function columnsOf(table: Table): string[] {
  return [...new Set([...table.columns, ...BOOKKEEPING[table.kind]])];
}

const sameKey = (table: Table, a: string, b: string) =>
  table.key.map((column) => `${a}.${column} = ${b}.${column}`).join(' and ');

/** As the reducers know it: instants as ISO text. */
function inJson(row: Record<string, unknown>): StoredRow {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [column, value instanceof Date ? value.toISOString() : value]),
  ) as StoredRow;
}
