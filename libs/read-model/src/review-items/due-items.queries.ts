import type { Queryable } from '#libs/database';
import { ITEM_COLUMNS, type ReviewItemRecord } from './review-items.queries.js';

/** What an open item waits for at an instant: the stage is over, somebody is to be reminded, or others are to be asked as well. */
export type Due = 'stage' | 'reminder' | 'escalation';

/** An open item about which something is to be done. */
export type DueItem = ReviewItemRecord & { readonly due: readonly Due[] };

/** Which items: those about which something is to be done at an instant. */
export interface DueItemsQuery {
  /** ISO-8601 UTC. */
  readonly now: string;
  /** The last item of the page before. */
  readonly after?: Pick<ReviewItemRecord, 'stageDueAt' | 'item'> | undefined;
  /** 1–5,000. */
  readonly limit: number;
}

/** So long before the end of a stage; what would lie before the stage is in the middle of it. */
const within = (ms: string): string => `case
  when i.stage_due_at - ${ms} * interval '1 millisecond' > i.stage_began_at
  then i.stage_due_at - ${ms} * interval '1 millisecond'
  else i.stage_began_at + (i.stage_due_at - i.stage_began_at) / 2 end`;

/** A reminder is due once its instant has passed, unless there is nobody to remind or somebody was reminded since. */
const REMINDER = `(jsonb_array_length(i.reviewers) > 0 and exists (
  select 1 from jsonb_array_elements_text(r.reminders_ms) lead(ms), lateral (select ${within('lead.ms::bigint')} as at) instant
  where instant.at <= $1 and (i.reminded_at is null or i.reminded_at < instant.at)))`;

const ESCALATION = `(r.escalation_ms is not null and not i.escalated and ${within('r.escalation_ms')} <= $1)`;

/** The longest time before the end of a stage at which a review wants something; nothing is looked at before. */
const LEAD = `(select coalesce(max(ms::bigint), 0) * interval '1 millisecond' as time from (
  select value as ms from jsonb_array_elements_text(r.reminders_ms) union all select r.escalation_ms::text) leads)`;

/**
 * Open items of every tenant about which something is to be done, in the order of the ends of their stages. Items of a review that waits for
 * confirmation are left out: their time is over, and nothing happens before somebody confirms.
 */
export async function findDueItems(database: Queryable, { now, after, limit }: DueItemsQuery): Promise<DueItem[]> {
  const { rows } = await database.query<DueItem>({
    name: 'read_model.due_items',
    text: `select ${ITEM_COLUMNS}, array_remove(array[case when i.stage_due_at <= $1 then 'stage' end,
               case when w.reminder then 'reminder' end, case when w.escalation then 'escalation' end], null) as due
           from read_model.access_reviews_v1 r
           cross join lateral ${LEAD} lead
           join read_model.review_items_v1 i on i.tenant = r.tenant and i.review = r.review and i.status = 'open'
             and i.stage_due_at <= $1::timestamptz + lead.time
           cross join lateral (select ${REMINDER} as reminder, ${ESCALATION} as escalation) w
           where r.status in ('building', 'open') and (i.stage_due_at <= $1 or w.reminder or w.escalation)
             and ($2::timestamptz is null or (i.stage_due_at, i.item) > ($2, $3::uuid))
           order by i.stage_due_at, i.item limit $4`,
    values: [now, after?.stageDueAt ?? null, after?.item ?? null, limit],
  });
  return rows;
}
