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

/**
 * Items of every tenant whose decision has not been confirmed to have taken effect, the oldest decision first.
 * @param query.before decisions recorded before this instant, ISO-8601 UTC; absent: all of them
 */
export async function findRevokingItems(
  database: Queryable,
  { before, limit }: { readonly before?: string; readonly limit: number },
): Promise<ReviewItemRecord[]> {
  const { rows } = await database.query<ReviewItemRecord>({
    name: 'read_model.revoking_items',
    text: `select ${ITEM_COLUMNS} from read_model.review_items_v1 i
           where i.status = 'revoking' and ($1::timestamptz is null or i.decided_at < $1)
           order by i.decided_at, i.item limit $2`,
    values: [before ?? null, limit],
  });
  return rows;
}

/** An open item about a grant that has ended. */
export interface MootItem {
  readonly item: ReviewItemRecord;
  /** The event that ended the grant; null where its time was over. */
  readonly event: string | null;
}

/**
 * Open items whose grant does not stand any more: nothing is left to decide, save about access in an emergency, which is looked at afterwards.
 * @param query.now ISO-8601 UTC
 * @param query.tenant with `accounts`, only theirs; without both, of everybody
 */
export async function findMootItems(
  database: Queryable,
  query: {
    readonly now: string;
    readonly tenant?: string;
    readonly accounts?: readonly string[];
    readonly limit: number;
  },
): Promise<MootItem[]> {
  const where = new Conditions();
  const now = `${where.value(query.now)}::timestamptz`;
  where
    .and(`i.status = 'open' and i.cause <> 'breakGlass'`)
    .and(`(g.revoked_pos is not null or g.valid_to <= ${now})`)
    .andEqual('i.tenant', query.tenant)
    .andAnyOf('i.account', 'uuid', query.accounts);
  const { rows } = await database.query<ReviewItemRecord & { revoked_event: string | null }>(
    `select ${ITEM_COLUMNS}, g.revoked_event from read_model.review_items_v1 i
     join read_model.grants_v1 g on g.tenant = i.tenant and g.grant_id = i.grant_id and g.to_pos is null
     where ${where.text} order by i.opened_pos, i.item limit ${where.value(query.limit)}`,
    where.values,
  );
  return rows.map(({ revoked_event: event, ...item }) => ({ item, event }));
}
