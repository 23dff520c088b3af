import type { Queryable } from '#libs/database';
import { Conditions } from '../conditions.js';
import { type ListPlace, type Page, pageOf } from '../page.js';
import type { Recommendation, RecordedDecision, ReviewedSource, ReviewItemRow } from './review-items.table.js';

/** An item of an access review. Instants as Dates, except inside `decision`. */
export interface ReviewItemRecord {
  readonly tenant: string;
  readonly item: string;
  readonly review: string;
  readonly policy: string | null;
  readonly cause: string;
  /** The event that opened the review, where one did. */
  readonly event: string | null;
  readonly account: string;
  readonly grant: string | null;
  readonly role: string;
  readonly source: ReviewedSource | null;
  readonly privileged: boolean;
  readonly fingerprint: string;
  readonly reviewers: readonly string[];
  readonly reviewersAs: string;
  readonly flags: readonly string[];
  readonly recommendation: Recommendation;
  readonly openedAt: Date;
  /** Order of lists. */
  readonly openedPosition: number;
  readonly openedEvent: string;
  readonly stage: number;
  readonly stages: number;
  readonly stageDueAt: Date;
  readonly dueAt: Date;
  readonly status: ReviewItemRow['status'];
  readonly decision: RecordedDecision | null;
  readonly outcome: string | null;
  readonly closedAt: Date | null;
  readonly because: string | null;
  readonly effectAfterMs: number | null;
  /** In the present stage. */
  readonly remindedAt: Date | null;
  readonly reminders: number;
  readonly escalated: boolean;
}

/** Which items. */
export interface ReviewItemListQuery extends ListPlace {
  readonly tenant: string;
  readonly status?: readonly string[] | undefined;
  /** Account that may decide. */
  readonly reviewer?: string | undefined;
  readonly account?: string | undefined;
  readonly review?: string | undefined;
  readonly policy?: string | undefined;
}

/** Columns of an item `i`. */
export const ITEM_COLUMNS = `i.tenant, i.item, i.review, i.policy, i.cause, i.trigger_event as event, i.account, i.grant_id as "grant", i.role,
  i.source, i.privileged, i.fingerprint, i.reviewers, i.reviewers_as as "reviewersAs", i.flags, i.recommendation,
  i.opened_at as "openedAt", i.opened_pos as "openedPosition", i.opened_event as "openedEvent", i.stage, i.stages,
  i.stage_due_at as "stageDueAt", i.due_at as "dueAt", i.status, i.decision, i.outcome, i.closed_at as "closedAt", i.because,
  i.effect_ms as "effectAfterMs", i.reminded_at as "remindedAt", i.reminders, i.escalated`;

/** Items in the order in which they were opened. */
export async function findReviewItems(
  database: Queryable,
  query: ReviewItemListQuery,
): Promise<Page<ReviewItemRecord>> {
  const where = new Conditions();
  const limit = where.value(query.limit + 1);
  where
    .andEqual('i.tenant', query.tenant)
    .andAnyOf('i.status', 'text', query.status)
    .andEqual('i.account', query.account)
    .andEqual('i.review', query.review)
    .andEqual('i.policy', query.policy)
    .andWithin('i.opened_pos', query);
  const items = `select ${ITEM_COLUMNS} from read_model.review_items_v1 i where ${where.text}`;
  const inOrder = `order by "openedPosition" limit ${limit}`;
  const { rows } = await database.query<ReviewItemRecord>(
    query.reviewer === undefined ? `${items} ${inOrder}` : ofReviewer(items, inOrder, where.value(query.reviewer)),
    where.values,
  );
  return pageOf(rows, query.limit);
}

/** First of those asked, which one ordered index tells, or one of several, for which there is another. */
const ofReviewer = (items: string, inOrder: string, reviewer: string): string =>
  `select * from (
     (${items} and i.reviewers ->> 0 = ${reviewer}::text ${inOrder})
     union all
     (${items} and jsonb_array_length(i.reviewers) > 1 and (i.reviewers - 0) @> jsonb_build_array(${reviewer}::text)
        and i.reviewers ->> 0 <> ${reviewer}::text ${inOrder})
   ) either ${inOrder}`;

/** One item; null where the tenant has none of this id. */
export async function findReviewItem(
  database: Queryable,
  { tenant, item }: { readonly tenant: string; readonly item: string },
): Promise<ReviewItemRecord | null> {
  const { rows } = await database.query<ReviewItemRecord>({
    name: 'read_model.review_item',
    text: `select ${ITEM_COLUMNS} from read_model.review_items_v1 i where i.tenant = $1 and i.item = $2`,
    values: [tenant, item],
  });
  return rows[0] ?? null;
}

/** How many items of a review are `open` or `revoking`, and what the others came to; what there is none of is left out. */
export async function countOutcomes(
  database: Queryable,
  { tenant, review }: { readonly tenant: string; readonly review: string },
): Promise<Readonly<Record<string, number>>> {
  const { rows } = await database.query<{ word: string; items: number }>({
    name: 'read_model.review_outcomes',
    text: `select case when status = 'closed' then outcome else status end as word, count(*)::int as items
           from read_model.review_items_v1 where tenant = $1 and review = $2 group by 1`,
    values: [tenant, review],
  });
  return Object.fromEntries(rows.map(({ word, items }) => [word, items]));
}

/** Accounts that decided about any item of a review or passed one on, each once. */
export async function decidersOf(
  database: Queryable,
  { tenant, review }: { readonly tenant: string; readonly review: string },
): Promise<string[]> {
  const { rows } = await database.query<{ decider: string }>({
    name: 'read_model.review_deciders',
    text: `select distinct d.decider from read_model.review_items_v1 i, jsonb_array_elements_text(i.deciders) d(decider)
           where i.tenant = $1 and i.review = $2 order by d.decider`,
    values: [tenant, review],
  });
  return rows.map(({ decider }) => decider);
}

/**
 * The newest item about each grant that somebody decided and that is closed, by grant; grants that nobody decided about are left out.
 * @param query.grants at most 5,000
 */
export async function findLastDecisions(
  database: Queryable,
  { tenant, grants }: { readonly tenant: string; readonly grants: readonly string[] },
): Promise<ReadonlyMap<string, ReviewItemRecord>> {
  if (grants.length === 0) return new Map();
  const { rows } = await database.query<ReviewItemRecord & { grant: string }>({
    name: 'read_model.last_decisions',
    text: `select distinct on (i.grant_id) ${ITEM_COLUMNS} from read_model.review_items_v1 i
           where i.tenant = $1 and i.grant_id = any($2::uuid[]) and i.decided_at is not null and i.status = 'closed'
             and i.outcome in ('certified', 'revoked', 'reduced')
           order by i.grant_id, i.decided_at desc, i.opened_pos desc`,
    values: [tenant, grants],
  });
  return new Map(rows.map((item) => [item.grant, item]));
}
