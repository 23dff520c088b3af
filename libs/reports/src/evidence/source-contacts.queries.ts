import type { Queryable } from '#libs/database';
import type { SourceContact } from '../evidence.js';
import { lastHeard } from '../histories/last-heard.queries.js';
import type { TenantLogQuery } from './tenant-log.queries.js';

/** Most connections of one tenant that a sheet lists. */
export const MOST_SOURCES = 500;

/** A sign-in that was admitted, and what a source said by itself; besides them, whatever bears the source as its actor. */
const CONTACTS: readonly string[] = ['SignedIn', 'SignalReceived'];

interface Source {
  readonly connection: string;
  readonly status: string;
  /** How many there are, this one included. */
  readonly all: number;
}

/** The sources of a tenant, as many as are listed, and how many more there are. */
export interface SourceContacts {
  readonly sources: readonly SourceContact[];
  readonly notListed: number;
}

/**
 * Lists the connections that a tenant had at a position, removed ones included, with when each was last heard of by then: the last sign-in
 * or signal through it, or the last fact that it stated itself. Ordered by name, at most 500.
 * @param most fewer than that
 */
export async function sourceContacts(
  database: Queryable,
  query: TenantLogQuery,
  most: number = MOST_SOURCES,
): Promise<SourceContacts> {
  const sources = await sourcesAt(database, query, most);
  const connections = sources.map(({ connection }) => connection);
  const heard = await lastHeard(database, { ...query, asOf: null }, connections, { types: CONTACTS, orByItself: true });
  return {
    sources: sources.map(({ connection, status }) => ({
      connection,
      status,
      lastContactAt: heard.get(connection)?.toISOString() ?? null,
    })),
    notListed: (sources[0]?.all ?? 0) - sources.length,
  };
}

async function sourcesAt(
  database: Queryable,
  { tenant, knownAt }: TenantLogQuery,
  most: number,
): Promise<readonly Source[]> {
  const { rows } = await database.query<Source>({
    name: 'reports.sources',
    text: `select connection, case when removed then 'removed' when enabled then 'enabled' else 'disabled' end as status,
             (count(*) over ())::int as "all"
           from read_model.connections_v2
           where tenant = $1 and from_pos <= $2 and (to_pos is null or to_pos > $2)
           order by connection limit $3`,
    values: [tenant, knownAt, most],
  });
  return rows;
}
