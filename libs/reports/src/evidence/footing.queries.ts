import { createHash } from 'node:crypto';
import type { Queryable } from '#libs/database';
import { PROJECTIONS } from '#libs/read-model';
import { parkedByThen } from './parked-by-then.queries.js';
import type { TenantLogQuery } from './tenant-log.queries.js';

/** What the rows of a report stand on: they are of one read model only while it stays the same. */
export interface Footing {
  /** SHA-256, hex, of which tables of the read model are in use. A rebuild puts other tables in their place. */
  readonly tables: string;
  /** The most streams of the tenant that were parked whenever it was looked at. */
  readonly parkedStreams: number;
}

/**
 * Looks at what rows would stand on now. What is parked later is none of theirs: a projection parks an event when it would have taken it in,
 * and reports begin when all are taken in.
 */
export async function readFooting(database: Queryable, query: TenantLogQuery): Promise<Footing> {
  const names = PROJECTIONS.flatMap(({ tables }) => tables.map(({ name }) => name));
  const { rows } = await database.query<{ tables: string }>({
    name: 'reports.tables_in_use',
    text: `select string_agg(name || ' ' || coalesce(to_regclass(name)::oid::text, ''), ',' order by name) as tables
           from unnest($1::text[]) name`,
    values: [names],
  });
  const tables = createHash('sha256')
    .update(rows[0]?.tables ?? '')
    .digest('hex');
  return { tables, parkedStreams: await parkedByThen(database, query) };
}
