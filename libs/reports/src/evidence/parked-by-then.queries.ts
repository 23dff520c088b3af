import type { Queryable } from '#libs/database';
import { PROJECTIONS } from '#libs/read-model';
import type { TenantLogQuery } from './tenant-log.queries.js';

/**
 * Counts the tenant's streams that wait for a projection, in its present version, with an event up to a position: what the read model says
 * of them is not complete. A stream counts once, for however many projections it waits.
 */
export async function parkedByThen(database: Queryable, { tenant, knownAt }: TenantLogQuery): Promise<number> {
  const { rows } = await database.query<{ streams: number }>({
    name: 'reports.parked_by_then',
    text: `select count(distinct p.stream) as streams from read_model.parked p
           join unnest($3::text[], $4::int[]) present(projection, version)
             on present.projection = p.projection and present.version = p.version
           where p.tenant = $1 and p.position <= $2`,
    values: [tenant, knownAt, PROJECTIONS.map(({ name }) => name), PROJECTIONS.map(({ version }) => version)],
  });
  return rows[0]?.streams ?? 0;
}
