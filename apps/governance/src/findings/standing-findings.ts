import type { Queryable } from '#libs/database';
import { type FindingRecord, findFindings } from '#libs/read-model';

/** Findings that one statement answers. */
const FINDINGS_AT_ONCE = 2_000;

/** Most findings of one tenant that are looked at in a run; the others wait until some of these are settled. */
const FINDINGS_MAX = 200_000;

/** Every finding of a tenant that is not resolved, oldest first, as the read model has them. */
export async function standingFindings(database: Queryable, tenant: string, now: string): Promise<FindingRecord[]> {
  const all: FindingRecord[] = [];
  for (let after: number | undefined; all.length < FINDINGS_MAX; ) {
    const query = { tenant, now, status: ['open', 'accepted'], after, limit: FINDINGS_AT_ONCE };
    const { items, more } = await findFindings(database, query);
    all.push(...items);
    if (!more) break;
    after = items.at(-1)?.raisedPosition;
  }
  return all;
}
