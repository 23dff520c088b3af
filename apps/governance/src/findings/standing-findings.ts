import type { Queryable } from '#libs/database';
import { findStandingOf, findStandingOutside, type StandingFinding } from '#libs/read-model';
import type { Watch } from './watches.js';

/** Findings that one statement answers, and that are in memory at once. */
const FINDINGS_AT_ONCE = 2_000;

type Pages = AsyncGenerator<readonly StandingFinding[]>;
type Query = (place: { after: number | undefined; limit: number }) => ReturnType<typeof findStandingOf>;

/** Every finding of a watch that is not resolved, page by page, oldest first. */
export const standingOf = (database: Queryable, watch: Watch): Pages => {
  const { tenant, kind } = watch;
  const policy = watch.policy?.id ?? null;
  return pages((place) => findStandingOf(database, { tenant, kind, policy, ...place }));
};

/** Every finding of a tenant that is not resolved and for which no watch asks any more. */
export const standingOutside = (database: Queryable, tenant: string, watches: readonly Watch[]): Pages => {
  const watched = watches.map(({ kind, policy }) => ({ kind, policy: policy?.id ?? null }));
  return pages((place) => findStandingOutside(database, { tenant, watched, ...place }));
};

async function* pages(query: Query): Pages {
  for (let after: number | undefined; ; ) {
    const { items, more } = await query({ after, limit: FINDINGS_AT_ONCE });
    if (items.length > 0) yield items;
    after = items.at(-1)?.raisedPosition;
    if (!more) return;
  }
}
