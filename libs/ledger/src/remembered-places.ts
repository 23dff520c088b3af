import type { Queryable } from '#libs/database';
import { InstallationRunningError, TooManyPlacesError } from './store-move.errors.js';

/** Most rows of one table that are changed, so that the transaction stays short on the embedded database too. */
export const MAX_PLACES = 10_000;

/** A table in which somebody remembers how far into the store he has come, or where in it something stands. */
export interface RememberedPlaces {
  /** Schema and table, quoted. */
  readonly table: string;
  /** Each place once, ascending. */
  readonly places: readonly number[];
}

/**
 * Finds every place in the store that the database remembers outside of the ledger: by convention such a column is named
 * `store_position`, in whatever table. A new reader is found by itself, and none can be forgotten.
 * @throws {TooManyPlacesError}
 */
export async function rememberedPlaces(database: Queryable): Promise<readonly RememberedPlaces[]> {
  const { rows } = await database.query<{ table: string }>(
    `select format('%I.%I', c.table_schema, c.table_name) as table
     from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
     where c.column_name = 'store_position' and t.table_type = 'BASE TABLE' and c.table_schema not in ('ledger', 'es')
     order by 1`,
  );
  const found: RememberedPlaces[] = [];
  for (const { table } of rows) found.push({ table, places: await placesIn(database, table) });
  return found;
}

async function placesIn(database: Queryable, table: string): Promise<readonly number[]> {
  const { rows } = await database.query<{ place: number }>(
    `select store_position as place from ${table} order by store_position limit ${MAX_PLACES + 1}`,
  );
  if (rows.length > MAX_PLACES) throw new TooManyPlacesError(table, MAX_PLACES);
  return [...new Set(rows.map(({ place }) => place))];
}

/**
 * Changes every place of a table to the one that it has become, each row once.
 * @throws {InstallationRunningError} when the table names a place that it did not name before
 */
export async function movePlaces(
  client: Queryable,
  { table, places }: RememberedPlaces,
  moved: ReadonlyMap<number, number>,
): Promise<void> {
  const other = await client.query(
    `select 1 from ${table} where store_position <> all ($1::bigint[]) or store_position is null limit 1`,
    [places],
  );
  if (other.rows.length > 0) throw new InstallationRunningError(`${table} has gone on`);
  await client.query(
    `update ${table} p set store_position = m.place from unnest($1::bigint[], $2::bigint[]) m(was, place)
     where p.store_position = m.was and p.store_position <> m.place`,
    [places, places.map((place) => moved.get(place))],
  );
}
