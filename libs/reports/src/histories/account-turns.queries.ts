import type { Queryable } from '#libs/database';
import { LOOKED_UP_POSITIONS } from '../events/event-places.queries.js';
import type { Question } from '../question.js';

/** Types of events of which each begins a version of the history of an account. */
export const ACCOUNT_TURNS: readonly string[] = ['UserProvisioned', 'UserDeactivated', 'UserReactivated'];

/** Counts those of the log of which the read model has the version that they begin, a stretch at a time. */
export async function countKnownTurns(
  database: Queryable,
  { tenant, asOf, knownAt }: Pick<Question, 'tenant' | 'asOf' | 'knownAt'>,
): Promise<number> {
  let count = 0;
  for (let after = -1; after < knownAt; after += LOOKED_UP_POSITIONS) {
    const { rows } = await database.query<{ known: number | string }>({
      name: 'reports.known_turns_of_accounts',
      text: `select count(*) filter (where (
               select h.valid_from = e.recorded_at from read_model.account_history_v2 h
               where h.tenant = e.tenant and h.account = e.account and h.from_pos = e.position)) as known
             from read_model.events_v1 e
             where e.tenant = $1 and e.type = any($5::text[]) and e.position > $3 and e.position <= $4
               and e.recorded_at <= $2::timestamptz`,
      values: [tenant, asOf, after, Math.min(after + LOOKED_UP_POSITIONS, knownAt), ACCOUNT_TURNS],
    });
    count += Number(rows[0]?.known);
  }
  return count;
}
