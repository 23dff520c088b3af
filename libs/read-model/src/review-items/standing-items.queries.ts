import type { Queryable } from '#libs/database';
import { Conditions } from '../conditions.js';
import { ITEM_COLUMNS, type ReviewItemRecord } from './review-items.queries.js';

/**
 * Items that a change of their accounts may concern: those that are not closed, and those that were certified in a review that goes on. In
 * the order in which they were opened.
 * @param query.accounts at most 1,000
 * @param query.after `openedPosition` of the last item of the page before
 */
export async function findLiveItemsOf(
  database: Queryable,
  query: {
    readonly tenant: string;
    readonly accounts: readonly string[];
    readonly after?: number;
    readonly limit: number;
  },
): Promise<ReviewItemRecord[]> {
  const where = new Conditions()
    .andEqual('i.tenant', query.tenant)
    .andAnyOf('i.account', 'uuid', query.accounts)
    .andWithin('i.opened_pos', query)
    .and(
      `(i.status <> 'closed' or (i.outcome in ('certified', 'carriedForward') and exists (
        select 1 from read_model.access_reviews_v1 r
        where r.tenant = i.tenant and r.review = i.review and r.status in ('building', 'open', 'held'))))`,
    );
  const { rows } = await database.query<ReviewItemRecord>(
    `select ${ITEM_COLUMNS} from read_model.review_items_v1 i
     where ${where.text} order by i.opened_pos limit ${where.value(query.limit)}`,
    where.values,
  );
  return rows;
}

/** An item whose decision waits for its effect, and since when. */
export type RevokingItem = ReviewItemRecord & { readonly decidedAt: Date };

/**
 * Items of every tenant whose decision has not been confirmed to have taken effect, the oldest decision first.
 * @param query.before decisions recorded before this instant, ISO-8601 UTC
 * @param query.since decisions recorded at this instant or later, ISO-8601 UTC; absent: from the beginning
 * @param query.after the last item of the page before
 */
export async function findRevokingItems(
  database: Queryable,
  query: {
    readonly before: string;
    readonly since?: string | undefined;
    readonly after?: Pick<RevokingItem, 'decidedAt' | 'item'> | undefined;
    readonly limit: number;
  },
): Promise<RevokingItem[]> {
  const { before, since, after, limit } = query;
  const { rows } = await database.query<RevokingItem>({
    name: 'read_model.revoking_items',
    text: `select ${ITEM_COLUMNS}, i.decided_at as "decidedAt" from read_model.review_items_v1 i
           where i.status = 'revoking' and i.decided_at < $1 and ($2::timestamptz is null or i.decided_at >= $2)
             and ($3::timestamptz is null or (i.decided_at, i.item) > ($3, $4::uuid))
           order by i.decided_at, i.item limit $5`,
    values: [before, since ?? null, after?.decidedAt ?? null, after?.item ?? null, limit],
  });
  return rows;
}

/**
 * Open items of every tenant whose grant does not stand any more: nothing is left to decide, save about access in an emergency, which is
 * looked at afterwards. In the order in which they were opened.
 * @param query.now ISO-8601 UTC
 * @param query.after `openedPosition` of the last item of the page before
 */
export async function findMootItems(
  database: Queryable,
  { now, after, limit }: { readonly now: string; readonly after?: number | undefined; readonly limit: number },
): Promise<ReviewItemRecord[]> {
  const { rows } = await database.query<ReviewItemRecord>({
    name: 'read_model.moot_items',
    text: `select ${ITEM_COLUMNS} from read_model.review_items_v1 i
           join read_model.grants_v1 g on g.tenant = i.tenant and g.grant_id = i.grant_id and g.to_pos is null
           where i.status = 'open' and i.cause <> 'breakGlass' and (g.revoked_pos is not null or g.valid_to <= $1::timestamptz)
             and ($2::bigint is null or i.opened_pos > $2)
           order by i.opened_pos limit $3`,
    values: [now, after ?? null, limit],
  });
  return rows;
}
