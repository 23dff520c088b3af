import type { Queryable } from '#libs/database';
import type { TenantInstant } from '../tenant-instant.js';

/**
 * When accounts had last signed in at an instant, as known at a position, by account; those that had not are left out. A sign-in that the
 * account turned away does not count from when that is known.
 * @param accounts at most 5,000
 */
export async function lastSignInsAsOf(
  database: Queryable,
  { tenant, asOf, knownAt }: TenantInstant,
  accounts: readonly string[],
): Promise<ReadonlyMap<string, Date>> {
  if (accounts.length === 0) return new Map();
  const { rows } = await database.query<{ account: string; at: Date }>({
    name: 'read_model.last_sign_ins_as_of',
    text: `select asked.account, s.at from unnest($4::uuid[]) asked(account) cross join lateral (
             select s.at from read_model.sign_ins_v1 s
             where s.tenant = $1 and s.account = asked.account and s.at <= $2::timestamptz and s.position <= $3::bigint
               and not exists (select 1 from read_model.withdrawn_sign_ins_v1 w
                               where w.evidence = s.event_id and w.position <= $3::bigint)
             order by s.at desc limit 1) s`,
    values: [tenant, asOf, knownAt, accounts],
  });
  return new Map(rows.map(({ account, at }) => [account, at]));
}
