import type { Queryable } from '#libs/database';
import type { EventPlace } from '#libs/read-model';
import { LOOKED_UP_POSITIONS, SAME_COMMAND_POSITIONS } from '../events/event-places.queries.js';
import type { Question } from '../question.js';

/** Counts the sign-ins of the log that the read model has as the log's index says, a stretch at a time. */
export async function countKnownSignIns(
  database: Queryable,
  { tenant, asOf, knownAt }: Pick<Question, 'tenant' | 'asOf' | 'knownAt'>,
): Promise<number> {
  let count = 0;
  for (let after = -1; after < knownAt; after += LOOKED_UP_POSITIONS) {
    const { rows } = await database.query<{ known: number | string }>({
      name: 'reports.known_sign_ins',
      text: `select count(*) filter (where (
               select s.tenant = e.tenant and s.account = e.account and s.at = e.recorded_at and s.position = e.position
               from read_model.sign_ins_v1 s where s.event_id = e.event_id)) as known
             from read_model.events_v1 e
             where e.tenant = $1 and e.type = 'SignedIn' and e.position > $3 and e.position <= $4 and e.recorded_at <= $2::timestamptz`,
      values: [tenant, asOf, after, Math.min(after + LOOKED_UP_POSITIONS, knownAt)],
    });
    count += Number(rows[0]?.known);
  }
  return count;
}

/** Refusals right after one sign-in that are looked at, of which at most one is of the same command. */
const REFUSALS_PER_SIGN_IN = 5;

/** A refusal that may have taken a sign-in back. */
export interface RefusalAfter extends EventPlace {
  readonly account: string;
  /** Id of the sign-in. */
  readonly signIn: string;
}

/**
 * The first refusals of accounts right after their last sign-ins, as far as was known: what takes a sign-in back stands near it in the log.
 * Sign-ins of the same moment that are known to have been taken back are nobody's last.
 * @param signIns at most 250, by account
 */
export async function refusalsAfter(
  database: Queryable,
  { tenant, knownAt }: Pick<Question, 'tenant' | 'knownAt'>,
  signIns: ReadonlyMap<string, Date>,
): Promise<readonly RefusalAfter[]> {
  if (signIns.size === 0) return [];
  const { rows } = await database.query<RefusalAfter>({
    name: 'reports.refusals_after_sign_ins',
    text: `select e.*, s.account, s.event_id as "signIn" from unnest($3::uuid[], $4::timestamptz[]) asked(account, at)
           join read_model.sign_ins_v1 s on s.tenant = $1 and s.account = asked.account and s.at = asked.at and s.position <= $2
             and not exists (select 1 from read_model.withdrawn_sign_ins_v1 w where w.evidence = s.event_id and w.position <= $2)
           cross join lateral (
             select position, tenant, tenant_position, event_id, stream, revision, sealed_at from read_model.events_v1
             where account = asked.account and tenant = $1 and type = any($5::text[])
               and position > s.position and position <= least($2::bigint, s.position + ${SAME_COMMAND_POSITIONS})
             order by position limit ${REFUSALS_PER_SIGN_IN}) e
           order by e.position`,
    values: [tenant, knownAt, [...signIns.keys()], [...signIns.values()], ['SignInRefused']],
  });
  return rows;
}
