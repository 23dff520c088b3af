import type { Queryable } from '#libs/database';
import { Conditions } from '../conditions.js';
import { type ListPlace, type Page, pageOf } from '../page.js';
import type { AccessReviewRow, HeldReview } from './access-reviews.table.js';

/** An access review with what its items came to so far. Instants as Dates. */
export interface AccessReviewRecord {
  readonly tenant: string;
  readonly review: string;
  readonly title: string;
  readonly policy: string | null;
  readonly policyVersion: number | null;
  readonly control: string | null;
  readonly cause: string;
  /** The event that opened it, where one did. */
  readonly event: string | null;
  readonly account: string | null;
  readonly knownAt: number | null;
  readonly status: AccessReviewRow['status'];
  readonly openedAt: Date;
  /** Order of lists. */
  readonly openedPosition: number;
  readonly openedEvent: string;
  /** `kind:id`. */
  readonly openedBy: string;
  readonly dueAt: Date;
  readonly noResponse: string;
  readonly stages: number;
  readonly items: number | null;
  readonly carriedForward: number | null;
  readonly builtInMs: number | null;
  readonly held: HeldReview | null;
  readonly closedAt: Date | null;
  readonly closedCode: string | null;
  readonly closedEvent: string | null;
  readonly outcomes: Readonly<Record<string, number>> | null;
  readonly signedOffAt: Date | null;
  readonly signedOffBy: string | null;
  readonly signedOffVia: string | null;
  readonly signedOffEvent: string | null;
  /**
   * How many items are `open` or `revoking`, and what the others came to (`certified`, `revoked`, …); what there is none of is left out. Of a
   * closed review, as its end was recorded.
   */
  readonly counts: Readonly<Record<string, number>>;
}

/** Which access reviews. */
export interface AccessReviewListQuery extends ListPlace {
  readonly tenant: string;
  readonly status?: readonly string[] | undefined;
  readonly policy?: string | undefined;
  readonly cause?: string | undefined;
  readonly account?: string | undefined;
}

/** Items of one review by what became of them. The index alone answers it. */
const OUTCOMES = `
  select coalesce(jsonb_object_agg(word, items), '{}'::jsonb) as counts from (
    select case when i.status = 'closed' then i.outcome else i.status end as word, count(*)::int as items
    from read_model.review_items_v1 i where i.tenant = r.tenant and i.review = r.review group by 1) by_word`;

const SELECT = `
  select r.tenant, r.review, r.title, r.policy, r.policy_version as "policyVersion", r.control, r.cause, r.trigger_event as event,
    r.account, r.known_at as "knownAt", r.status, r.opened_at as "openedAt", r.opened_pos as "openedPosition",
    r.opened_event as "openedEvent", r.opened_by as "openedBy", r.due_at as "dueAt", r.no_response as "noResponse", r.stages, r.items,
    r.carried_forward as "carriedForward", r.built_ms as "builtInMs", r.held, r.closed_at as "closedAt", r.closed_code as "closedCode",
    r.closed_event as "closedEvent", r.outcomes, r.signed_off_at as "signedOffAt", r.signed_off_by as "signedOffBy",
    r.signed_off_via as "signedOffVia", r.signed_off_event as "signedOffEvent", coalesce(r.outcomes, live.counts) as counts
  from read_model.access_reviews_v1 r
  left join lateral (${OUTCOMES}) live on r.outcomes is null`;

/** Access reviews of a tenant in the order in which they were opened. */
export async function findAccessReviews(
  database: Queryable,
  query: AccessReviewListQuery,
): Promise<Page<AccessReviewRecord>> {
  const where = new Conditions()
    .andEqual('r.tenant', query.tenant)
    .andAnyOf('r.status', 'text', query.status)
    .andEqual('r.policy', query.policy)
    .andEqual('r.cause', query.cause)
    .andEqual('r.account', query.account)
    .andWithin('r.opened_pos', query);
  const { rows } = await database.query<AccessReviewRecord>(
    `${SELECT} where ${where.text} order by r.opened_pos limit ${where.value(query.limit + 1)}`,
    where.values,
  );
  return pageOf(rows, query.limit);
}

/** One access review; null where the tenant has none of this id. */
export async function findAccessReview(
  database: Queryable,
  { tenant, review }: { readonly tenant: string; readonly review: string },
): Promise<AccessReviewRecord | null> {
  const { rows } = await database.query<AccessReviewRecord>({
    name: 'read_model.access_review',
    text: `${SELECT} where r.tenant = $1 and r.review = $2`,
    values: [tenant, review],
  });
  return rows[0] ?? null;
}

/** A review that is not closed. */
export interface UnfinishedReview {
  readonly tenant: string;
  readonly review: string;
  readonly status: AccessReviewRow['status'];
  readonly openedPosition: number;
  readonly dueAt: Date;
  /** Whether every item that is there is closed. While the review is being built, more may come. */
  readonly isDecided: boolean;
}

/**
 * Reviews of every tenant that are not closed, in the order in which they were opened.
 * @param query.after `openedPosition` of the last one of the page before
 */
export async function findUnfinishedReviews(
  database: Queryable,
  query: { readonly status?: readonly string[]; readonly after?: number; readonly limit: number },
): Promise<UnfinishedReview[]> {
  const where = new Conditions()
    .and(`r.status in ('building', 'open', 'held')`)
    .andAnyOf('r.status', 'text', query.status)
    .andWithin('r.opened_pos', query);
  const { rows } = await database.query<UnfinishedReview>(
    `select r.tenant, r.review, r.status, r.opened_pos as "openedPosition", r.due_at as "dueAt",
       not exists (select 1 from read_model.review_items_v1 i
                   where i.tenant = r.tenant and i.review = r.review and i.status in ('open', 'revoking')) as "isDecided"
     from read_model.access_reviews_v1 r where ${where.text} order by r.opened_pos limit ${where.value(query.limit)}`,
    where.values,
  );
  return rows;
}
