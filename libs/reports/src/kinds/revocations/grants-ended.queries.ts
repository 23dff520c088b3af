import type { Queryable } from '#libs/database';
import { POSITIONS_PER_STATEMENT } from '../../events/event-places.queries.js';
import type { Question } from '../../question.js';

/** Counts the grants that ended in a period as the log's own tally has them, stretch by stretch, so that no statement takes long. */
export async function countGrantsEnded(
  database: Queryable,
  { tenant, from, asOf, knownAt, filter }: Question,
): Promise<number> {
  let sum = 0;
  for (let after = -1; after < knownAt; after += POSITIONS_PER_STATEMENT) {
    const { rows } = await database.query<{ ended: number | string }>({
      name: 'reports.grants_ended',
      text: `select coalesce(sum(ended), 0) as ended from read_model.grant_counts_v1
             where tenant = $1 and position > $2 and position <= $3 and recorded_at <= $4::timestamptz
               and ($5::timestamptz is null or recorded_at > $5) and ($6::uuid is null or account = $6)`,
      values: [tenant, after, Math.min(after + POSITIONS_PER_STATEMENT, knownAt), asOf, from, filter.account ?? null],
    });
    sum += Number(rows[0]?.ended);
  }
  return sum;
}
