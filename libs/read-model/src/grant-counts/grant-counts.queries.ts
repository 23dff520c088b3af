import type { Queryable } from '#libs/database';
import { Conditions } from '../conditions.js';

/** Rows of the tally that one statement counts: a few milliseconds. */
const STRETCH = 20_000;

/** Which grants to count. */
export interface GrantTallyQuery {
  readonly tenant: string;
  /** Position of the sealed log; what came later is not counted. */
  readonly knownAt: number;
  readonly account?: string | undefined;
  readonly role?: string | undefined;
}

/** What the log gave and took back. */
export interface GrantTally {
  readonly grants: number;
  /** Events that gave or ended some. */
  readonly events: number;
  /** Of the grants, those that were revoked. */
  readonly ended: number;
}

/** Counts the grants that a tenant's log ever gave and ended, from the tally and not from the table of grants, a stretch at a time. */
export async function tallyGrants(database: Queryable, query: GrantTallyQuery): Promise<GrantTally> {
  const total = { grants: 0, events: 0, ended: 0 };
  for (let after = -1; ; ) {
    const { grants, events, ended, last } = await countStretch(database, query, after);
    total.grants += grants;
    total.events += events;
    total.ended += ended;
    if (last === null) return total;
    after = last;
  }
}

/** A stretch ends between two events, never within the rows of one. `last` is null in the last one. */
async function countStretch(
  database: Queryable,
  { tenant, knownAt, account, role }: GrantTallyQuery,
  after: number,
): Promise<GrantTally & { readonly last: number | null }> {
  const where = new Conditions();
  const [whose, from, to] = [where.value(tenant), where.value(after), where.value(knownAt)];
  where
    .and(`c.tenant = ${whose} and c.position > ${from}::bigint and c.position <= coalesce(e.last, ${to}::bigint)`)
    .andEqual('c.account', account)
    .andEqual('c.role', role);
  const { rows } = await database.query<GrantTally & { last: number | null }>(
    `with e as (select (select position from read_model.grant_counts_v1
       where tenant = ${whose} and position > ${from}::bigint and position <= ${to}::bigint
       order by tenant, position, role offset ${STRETCH} limit 1) as last)
     select coalesce(sum(c.given), 0)::int as grants, count(distinct c.position)::int as events,
       coalesce(sum(c.ended), 0)::int as ended, e.last
     from e left join read_model.grant_counts_v1 c on ${where.text} group by e.last`,
    where.values,
  );
  return rows[0] ?? { grants: 0, events: 0, ended: 0, last: null };
}
