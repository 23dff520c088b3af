import type { Queryable } from '#libs/database';
import type { TenantInstant } from '../tenant-instant.js';

/** What a person last decided about a grant. */
export interface LastReview {
  readonly grant: string;
  /** `certify`, `revoke`, `reduce` or `abstain`. */
  readonly decision: string;
  /** The account that decided. */
  readonly by: string;
  readonly at: Date;
  readonly item: string;
  readonly review: string;
}

/**
 * The last decision of a person about each grant, by grant; grants that nobody decided about are left out, as is what the system decided
 * because nobody did, and passing the question on.
 * @param grants at most 5,000
 */
export async function lastReviewsAsOf(
  database: Queryable,
  { tenant, asOf, knownAt }: TenantInstant,
  grants: readonly string[],
): Promise<ReadonlyMap<string, LastReview>> {
  if (grants.length === 0) return new Map();
  const { rows } = await database.query<LastReview>({
    name: 'read_model.last_reviews_as_of',
    text: `select asked.grant_id as "grant", d.decision, d.by, d.at, d.item, d.review
           from unnest($4::uuid[]) asked(grant_id) cross join lateral (
             select * from read_model.review_decisions_v1 d
             where d.tenant = $1 and d.grant_id = asked.grant_id and d.position <= $3::bigint and d.at <= $2::timestamptz
               and d.by is not null and d.decision in ('certify', 'revoke', 'reduce', 'abstain')
             order by d.position desc limit 1) d`,
    values: [tenant, asOf, knownAt, grants],
  });
  return new Map(rows.map((row) => [row.grant, row]));
}

/** Decisions that one statement counts: a few milliseconds. */
const STRETCH = 20_000;

/** Counts everything that was decided about items of reviews, by whomever, as known at a position, a stretch at a time. */
export async function countReviewDecisions(
  database: Queryable,
  { tenant, knownAt }: Pick<TenantInstant, 'tenant' | 'knownAt'>,
): Promise<number> {
  let total = 0;
  for (let after = -1; ; ) {
    const { rows } = await database.query<{ count: number; last: number | null }>({
      name: 'read_model.count_review_decisions',
      text: `select count(*)::int as count, max(position) as last from (
               select position from read_model.review_decisions_v1
               where tenant = $1 and position > $2::bigint and position <= $3::bigint order by tenant, position limit ${STRETCH}) stretch`,
      values: [tenant, after, knownAt],
    });
    const { count = 0, last = null } = rows[0] ?? {};
    total += count;
    if (count < STRETCH || last === null) return total;
    after = last;
  }
}
