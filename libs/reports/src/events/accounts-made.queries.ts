import type { Queryable } from '#libs/database';
import type { Question } from '../question.js';

/**
 * Those of some accounts that the log of the tenant had made by the end of the question, as its index says. Each is looked up by itself, by
 * its account and not by the type of the event.
 */
export async function accountsMade(
  database: Queryable,
  { tenant, asOf, knownAt }: Pick<Question, 'tenant' | 'asOf' | 'knownAt'>,
  accounts: readonly string[],
): Promise<ReadonlySet<string>> {
  if (accounts.length === 0) return new Set();
  const { rows } = await database.query<{ account: string }>({
    name: 'reports.accounts_made',
    text: `select asked.account from unnest($4::uuid[]) asked(account) cross join lateral (
             select 1 from read_model.events_v1 e
             where e.account = asked.account and e.position <= $3 and e.tenant = $1 and e.type = any($5::text[])
               and e.recorded_at <= $2::timestamptz order by e.position limit 1) made`,
    values: [tenant, asOf, knownAt, accounts, ['UserProvisioned']],
  });
  return new Set(rows.map(({ account }) => account));
}
