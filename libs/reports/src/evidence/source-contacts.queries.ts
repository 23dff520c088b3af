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
}

/**
 * Lists the connections that a tenant had at a position, removed ones included, with when each was last heard of by then: the last sign-in
 * or signal through it, or the last fact that it stated itself. Ordered by name, at most 500.
 */
export async function sourceContacts(database: Queryable, query: TenantLogQuery): Promise<SourceContact[]> {
  const sources = await sourcesAt(database, query);
  const connections = sources.map(({ connection }) => connection);
  const heard = await lastHeard(database, { ...query, asOf: null }, connections, { types: CONTACTS, orByItself: true });
  return sources.map((source) => ({ ...source, lastContactAt: heard.get(source.connection)?.toISOString() ?? null }));
}

async function sourcesAt(database: Queryable, { tenant, knownAt }: TenantLogQuery): Promise<readonly Source[]> {
  const { rows } = await database.query<Source>({
    name: 'reports.sources',
    text: `select connection, case when removed then 'removed' when enabled then 'enabled' else 'disabled' end as status
           from read_model.connections_v2
           where tenant = $1 and from_pos <= $2 and (to_pos is null or to_pos > $2)
           order by connection limit ${MOST_SOURCES}`,
    values: [tenant, knownAt],
  });
  return rows;
}
