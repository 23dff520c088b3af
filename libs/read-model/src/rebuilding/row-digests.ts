import type { Queryable } from '#libs/database';
import type { Table } from '../projecting/table.js';

/** Values of the primary key, as text. */
export type Key = readonly string[];

/** A column of the primary key, in its order there. */
export interface KeyColumn {
  readonly name: string;
  readonly type: string;
}

/** Some rows next to each other: how many, and the sums of the two halves of the first 128 bits of each row's SHA-256. */
export interface DigestChunk {
  readonly rows: number;
  readonly first: bigint;
  readonly second: bigint;
  /** Key of the last one; null when there are none. */
  readonly last: Key | null;
}

/** The columns by which the rows of a table are told apart and ordered. */
export async function keyColumns(client: Queryable, table: Table): Promise<KeyColumn[]> {
  const { rows } = await client.query<KeyColumn & { readonly name: string }>({
    text: `select quote_ident(a.attname) as name, format_type(a.atttypid, a.atttypmod) as type
           from pg_index i, unnest(i.indkey::int2[]) with ordinality k(attnum, place)
           join pg_attribute a on a.attnum = k.attnum
           where i.indrelid = $1::regclass and a.attrelid = i.indrelid and i.indisprimary order by k.place`,
    values: [table.name],
  });
  return rows;
}

/** The next rows in the order of the key. @param after key, exclusive; null begins */
export function digestAfter(
  client: Queryable,
  table: Table,
  columns: readonly KeyColumn[],
  after: Key | null,
  limit: number,
): Promise<DigestChunk> {
  return digest(
    client,
    `${hashed(table, columns, { after, through: null })} order by ${order(columns)} limit ${limit}`,
    columns,
    after ?? [],
  );
}

/** All rows between two keys. @param through inclusive; null for all that follow */
export function digestBetween(
  client: Queryable,
  table: Table,
  columns: readonly KeyColumn[],
  after: Key | null,
  through: Key | null,
): Promise<DigestChunk> {
  return digest(client, hashed(table, columns, { after, through }), columns, [...(after ?? []), ...(through ?? [])]);
}

/** The hash of each row between two keys, in order, at most `limit`. */
export async function hashesBetween(
  client: Queryable,
  table: Table,
  columns: readonly KeyColumn[],
  { after, through, limit }: { readonly after: Key | null; readonly through: Key | null; readonly limit: number },
): Promise<{ readonly key: Key; readonly hash: string }[]> {
  const { rows } = await client.query<{ key: string[]; hash: string }>(
    `select array[${columns.map(({ name }) => `${name}::text`).join(', ')}] as key, hash
     from (${hashed(table, columns, { after, through })} order by ${order(columns)} limit ${limit}) h order by ${order(columns)}`,
    [...(after ?? []), ...(through ?? [])],
  );
  return rows;
}

async function digest(
  client: Queryable,
  rowsText: string,
  columns: readonly KeyColumn[],
  values: readonly string[],
): Promise<DigestChunk> {
  const { rows } = await client.query<{ rows: number; first: string; second: string; last: string[] | null }>(
    `with chunk as materialized (${rowsText})
     select count(*)::int as rows, ${sumOf(1)} as first, ${sumOf(17)} as second,
            (select array[${columns.map(({ name }) => `${name}::text`).join(', ')}] from chunk
             order by ${columns.map(({ name }) => `${name} desc`).join(', ')} limit 1) as last
     from chunk`,
    [...values],
  );
  const row = rows[0] as (typeof rows)[number];
  return { rows: row.rows, first: BigInt(row.first), second: BigInt(row.second), last: row.last };
}

const sumOf = (from: number) => `coalesce(sum(('x' || substr(hash, ${from}, 16))::bit(64)::bigint), 0)::text`;

/** Whole rows as text, hashed: the twin has the same columns in the same order. */
function hashed(
  table: Table,
  columns: readonly KeyColumn[],
  { after, through }: { readonly after: Key | null; readonly through: Key | null },
): string {
  const key = `(${columns.map(({ name }) => `t.${name}`).join(', ')})`;
  const place = (from: number) => `(${columns.map(({ type }, index) => `$${from + index}::text::${type}`).join(', ')})`;
  const conditions = [
    ...(after ? [`${key} > ${place(1)}`] : []),
    ...(through ? [`${key} <= ${place(after ? columns.length + 1 : 1)}`] : []),
  ];
  const where = conditions.length > 0 ? ` where ${conditions.join(' and ')}` : '';
  return `select ${columns.map(({ name }) => `t.${name}`).join(', ')}, encode(sha256(convert_to(t::text, 'UTF8')), 'hex') as hash
          from ${table.name} t${where}`;
}

const order = (columns: readonly KeyColumn[]) => columns.map(({ name }) => name).join(', ');
