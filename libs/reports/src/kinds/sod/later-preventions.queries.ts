import type { Queryable } from '#libs/database';
import type { Opening } from '../../histories/openings.queries.js';
import type { Question } from '../../question.js';

/** Those of some events of kept-back roles after which the same account came through the same connection with another one; ids. */
export async function laterPreventions(
  database: Queryable,
  { tenant, asOf, knownAt }: Question,
  preventions: readonly Opening[],
): Promise<ReadonlySet<string>> {
  if (preventions.length === 0) return new Set();
  const { rows } = await database.query<{ event_id: string }>({
    name: 'reports.later_preventions',
    text: `select p.event_id from read_model.events_v1 p
           where p.event_id = any($4::uuid[]) and exists (
             select 1 from read_model.events_v1 e
             where e.tenant = $1 and e.account = p.account and e.connection = p.connection and e.type = p.type
               and e.position > p.position and e.position <= $3 and e.recorded_at <= $2::timestamptz)`,
    values: [tenant, asOf, knownAt, preventions.map(({ event_id }) => event_id)],
  });
  return new Set(rows.map(({ event_id }) => event_id));
}
