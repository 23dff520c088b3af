import type { Queryable } from '#libs/database';
import { ITEM_COLUMNS, type ReviewItemRecord } from './review-items.queries.js';

/** An open item about which nobody is asked. */
export interface UnaskedItem extends ReviewItemRecord {
  /** Accounts that have decided about it, or abstained. */
  readonly deciders: readonly string[];
}

/**
 * Open items of every tenant about which nobody is asked, because nobody could be found, in the order in which they were opened.
 * @param query.after `openedPosition` of the last item of the page before
 * @param query.limit 1–5,000
 */
export async function findUnaskedItems(
  database: Queryable,
  { after, limit }: { readonly after?: number; readonly limit: number },
): Promise<UnaskedItem[]> {
  const { rows } = await database.query<UnaskedItem>({
    name: 'read_model.unasked_items',
    text: `select ${ITEM_COLUMNS}, i.deciders from read_model.review_items_v1 i
           where i.status = 'open' and i.reviewers = '[]' and i.opened_pos > $1 order by i.opened_pos limit $2`,
    values: [after ?? -1, limit],
  });
  return rows;
}

/** Somebody who is asked and whose account is past its end. */
export interface ExpiredReviewer {
  readonly tenant: string;
  readonly account: string;
}

/**
 * Accounts of every tenant that are past their end and still asked about open items.
 * @param query.now ISO-8601 UTC
 * @param query.limit 1–5,000
 */
export async function findExpiredReviewers(
  database: Queryable,
  { now, limit }: { readonly now: string; readonly limit: number },
): Promise<ExpiredReviewer[]> {
  const { rows } = await database.query<ExpiredReviewer>({
    name: 'read_model.expired_reviewers',
    text: `select a.tenant, a.account from read_model.accounts_v1 a
           where a.status = 'active' and a.expires_at <= $1::timestamptz
             and (exists (select 1 from read_model.review_items_v1 i
                          where i.tenant = a.tenant and i.reviewers ->> 0 = a.account::text and i.status = 'open')
               or exists (select 1 from read_model.review_items_v1 i
                          where i.tenant = a.tenant and jsonb_array_length(i.reviewers) > 1
                            and (i.reviewers - 0) @> jsonb_build_array(a.account::text) and i.status = 'open'))
           order by a.tenant, a.account limit $2`,
    values: [now, limit],
  });
  return rows;
}
