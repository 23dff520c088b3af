import type { Queryable } from '#libs/database';
import { POSITIONS_PER_STATEMENT } from '../../events/event-places.queries.js';
import type { Question } from '../../question.js';
import { narrowed, narrowing } from '../access/grant-walk.queries.js';
import { endOfStretch } from '../access-changes/control-totals.queries.js';

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

/**
 * Counts by role the grants whose end, set beforehand, came in a period, and that nothing revoked as far as is known; whether their accounts
 * counted plays no part.
 */
export async function countGrantsEndedByTime(
  database: Queryable,
  question: Question,
): Promise<ReadonlyMap<string, number>> {
  const byRole = new Map<string, number>();
  for (let after: number | null = -1; after !== null; ) {
    const through = await endOfStretch(database, question, after);
    for (const { role, ended } of await endedByTimeWithin(database, question, after, through))
      byRole.set(role, (byRole.get(role) ?? 0) + Number(ended));
    after = through;
  }
  return byRole;
}

async function endedByTimeWithin(
  database: Queryable,
  { tenant, knownAt, from, asOf, filter }: Question,
  after: number,
  through: number | null,
): Promise<readonly { readonly role: string; readonly ended: number | string }[]> {
  const { rows } = await database.query<{ role: string; ended: number | string }>(
    `select role, count(*) as ended from read_model.grants_v1
     where tenant = $1 and granted_pos > $2::bigint and granted_pos <= coalesce($3::bigint, $4::bigint)
       and from_pos <= $4::bigint and (to_pos is null or $4::bigint < to_pos) and revoked_pos is null
       and valid_from < valid_to and valid_to <= $5::timestamptz and ($6::timestamptz is null or valid_to > $6)
       ${narrowed(filter, 7)}
     group by role`,
    [tenant, after, through, knownAt, asOf, from, ...narrowing(filter)],
  );
  return rows;
}
