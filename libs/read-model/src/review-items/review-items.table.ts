import { type Table, table } from '../projecting/table.js';

/** The question about one grant, as it stands. */
export interface ReviewItemRow {
  readonly tenant: string;
  readonly item: string;
  readonly review: string;
  readonly policy: string | null;
  /** Why the review was opened, and by which event, where one did. */
  readonly cause: string;
  readonly trigger_event: string | null;
  readonly account: string;
  /** Null where a role was kept back. */
  readonly grant_id: string | null;
  readonly role: string;
  readonly source: ReviewedSource | null;
  readonly privileged: boolean;
  readonly fingerprint: string;
  /** Accounts that may decide. */
  readonly reviewers: readonly string[];
  readonly reviewers_as: string;
  readonly flags: readonly string[];
  readonly recommendation: Recommendation;
  readonly opened_at: string;
  /** Position of the event that opened it; the order of lists. */
  readonly opened_pos: number;
  readonly opened_event: string;
  readonly stage: number;
  readonly stages: number;
  readonly stage_began_at: string;
  readonly stage_due_at: string;
  readonly due_at: string;
  readonly status: 'open' | 'revoking' | 'closed';
  /** The last decision about the grant itself; passing the question on is none. */
  readonly decision: RecordedDecision | null;
  /** When that was recorded, for looking up. */
  readonly decided_at: string | null;
  /** Accounts that decided or passed the question on, at any time. */
  readonly deciders: readonly string[];
  readonly outcome: string | null;
  readonly closed_at: string | null;
  readonly because: string | null;
  readonly effect_ms: number | null;
  /** In the present stage. */
  readonly reminded_at: string | null;
  readonly reminders: number;
  readonly escalated: boolean;
}

/** Where the grant comes from. */
export interface ReviewedSource {
  readonly kind: string;
  readonly connection: string | null;
  readonly rule: string | null;
  readonly ruleVersion: number | null;
  /** `kind:id` of who gave it. */
  readonly actor: string | null;
}

/** What the facts speak for, with the reasons. */
export interface Recommendation {
  readonly decision: string;
  readonly because: readonly string[];
}

/** A decision as it was recorded; its reason is in the event, encrypted. */
export interface RecordedDecision {
  readonly decision: string;
  /** The account that decided; null for the system. */
  readonly by: string | null;
  readonly via: string;
  readonly apiKey: string | null;
  /** ISO-8601 UTC. */
  readonly at: string;
  /** Id of the `ReviewDecisionRecorded` event. */
  readonly event: string;
  /** When the grant ends, for `reduce`; ISO-8601 UTC. */
  readonly until: string | null;
  readonly bulk: boolean;
  readonly stage: number;
}

/** Items of access reviews as they stand. */
export const reviewItemsTable: Table<ReviewItemRow> = table<ReviewItemRow>(
  'review_items_v1',
  'keyed',
  ['tenant', 'item'],
  {
    tenant: true,
    item: true,
    review: true,
    policy: true,
    cause: true,
    trigger_event: true,
    account: true,
    grant_id: true,
    role: true,
    source: true,
    privileged: true,
    fingerprint: true,
    reviewers: true,
    reviewers_as: true,
    flags: true,
    recommendation: true,
    opened_at: true,
    opened_pos: true,
    opened_event: true,
    stage: true,
    stages: true,
    stage_began_at: true,
    stage_due_at: true,
    due_at: true,
    status: true,
    decision: true,
    decided_at: true,
    deciders: true,
    outcome: true,
    closed_at: true,
    because: true,
    effect_ms: true,
    reminded_at: true,
    reminders: true,
    escalated: true,
  },
);

/**
 * Nearly every item has one reviewer, and somebody who stands in for many may have 100,000 items: the first reviewer is an ordered index.
 * Those asked beside the first are found through an inverted one.
 */
export const REVIEW_ITEMS_SQL = `
create table read_model.review_items_v1 (
  tenant text not null,
  item uuid not null,
  review uuid not null,
  policy text,
  cause text not null,
  trigger_event uuid,
  account uuid not null,
  grant_id uuid,
  role text not null,
  source jsonb,
  privileged boolean not null,
  fingerprint text not null,
  reviewers jsonb not null,
  reviewers_as text not null,
  flags jsonb not null,
  recommendation jsonb not null,
  opened_at timestamptz not null,
  opened_pos bigint not null,
  opened_event uuid not null,
  stage int not null,
  stages int not null,
  stage_began_at timestamptz not null,
  stage_due_at timestamptz not null,
  due_at timestamptz not null,
  status text not null,
  decision jsonb,
  decided_at timestamptz,
  deciders jsonb not null,
  outcome text,
  closed_at timestamptz,
  because uuid,
  effect_ms bigint,
  reminded_at timestamptz,
  reminders int not null,
  escalated boolean not null,
  position bigint not null,
  primary key (item, tenant)
);
create unique index review_items_v1_in_order on read_model.review_items_v1 (tenant, opened_pos);
create index review_items_v1_by_status on read_model.review_items_v1 (tenant, status, opened_pos);
create index review_items_v1_by_review on read_model.review_items_v1 (tenant, review, status, outcome, opened_pos);
create index review_items_v1_by_account on read_model.review_items_v1 (tenant, account, opened_pos);
create index review_items_v1_by_grant on read_model.review_items_v1 (tenant, grant_id) where decided_at is not null;
create index review_items_v1_by_first_reviewer on read_model.review_items_v1 (tenant, (reviewers ->> 0), status, opened_pos);
create index review_items_v1_by_other_reviewers on read_model.review_items_v1 using gin ((reviewers - 0) jsonb_path_ops)
  where jsonb_array_length(reviewers) > 1;
create index review_items_v1_open on read_model.review_items_v1 (review, stage_due_at) where status = 'open';
create index review_items_v1_unasked on read_model.review_items_v1 (opened_pos) where status = 'open' and reviewers = '[]';
create index review_items_v1_revoking on read_model.review_items_v1 (decided_at) where status = 'revoking';
`;
