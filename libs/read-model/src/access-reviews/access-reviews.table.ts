import { type Table, table } from '../projecting/table.js';

/** An access review as it stands. What its items came to is counted over the items, until it is closed. */
export interface AccessReviewRow {
  readonly tenant: string;
  readonly review: string;
  readonly title: string;
  readonly policy: string | null;
  readonly policy_version: number | null;
  /** The control that the review is evidence for. */
  readonly control: string | null;
  /** Why it was opened, and by which event, where one did. */
  readonly cause: string;
  readonly trigger_event: string | null;
  readonly account: string | null;
  readonly known_at: number | null;
  readonly status: 'building' | 'open' | 'held' | 'closed' | 'signedOff';
  readonly opened_at: string;
  /** Position of the event that opened it; the order of lists. */
  readonly opened_pos: number;
  readonly opened_event: string;
  /** `kind:id`. */
  readonly opened_by: string;
  readonly due_at: string;
  readonly no_response: string;
  readonly stages: number;
  /** How long before the end of a stage those who are silent are reminded, and others are asked as well; milliseconds. */
  readonly reminders_ms: readonly number[];
  readonly escalation_ms: number | null;
  /** Null until every item is there. */
  readonly items: number | null;
  readonly carried_forward: number | null;
  readonly built_ms: number | null;
  /** Set while silence would revoke more than the policy lets it. */
  readonly held: HeldReview | null;
  readonly closed_at: string | null;
  readonly closed_code: string | null;
  readonly closed_event: string | null;
  readonly outcomes: { readonly [outcome: string]: number } | null;
  readonly signed_off_at: string | null;
  readonly signed_off_by: string | null;
  readonly signed_off_via: string | null;
  readonly signed_off_event: string | null;
}

/** What waits for confirmation. */
export interface HeldReview {
  readonly revocations: number;
  readonly items: number;
  readonly limit: number;
  /** Hash that confirms. */
  readonly confirm: string;
  /** ISO-8601 UTC. */
  readonly heldAt: string;
}

/** Access reviews as they stand. */
export const accessReviewsTable: Table<AccessReviewRow> = table<AccessReviewRow>(
  'access_reviews_v1',
  'keyed',
  ['tenant', 'review'],
  {
    tenant: true,
    review: true,
    title: true,
    policy: true,
    policy_version: true,
    control: true,
    cause: true,
    trigger_event: true,
    account: true,
    known_at: true,
    status: true,
    opened_at: true,
    opened_pos: true,
    opened_event: true,
    opened_by: true,
    due_at: true,
    no_response: true,
    stages: true,
    reminders_ms: true,
    escalation_ms: true,
    items: true,
    carried_forward: true,
    built_ms: true,
    held: true,
    closed_at: true,
    closed_code: true,
    closed_event: true,
    outcomes: true,
    signed_off_at: true,
    signed_off_by: true,
    signed_off_via: true,
    signed_off_event: true,
  },
);

/** Reviews by tenant in order, and those that somebody still has to do something about. */
export const ACCESS_REVIEWS_SQL = `
create table read_model.access_reviews_v1 (
  tenant text not null,
  review uuid not null,
  title text not null,
  policy text,
  policy_version int,
  control text,
  cause text not null,
  trigger_event uuid,
  account uuid,
  known_at bigint,
  status text not null,
  opened_at timestamptz not null,
  opened_pos bigint not null,
  opened_event uuid not null,
  opened_by text not null,
  due_at timestamptz not null,
  no_response text not null,
  stages int not null,
  reminders_ms jsonb not null,
  escalation_ms bigint,
  items int,
  carried_forward int,
  built_ms bigint,
  held jsonb,
  closed_at timestamptz,
  closed_code text,
  closed_event uuid,
  outcomes jsonb,
  signed_off_at timestamptz,
  signed_off_by uuid,
  signed_off_via text,
  signed_off_event uuid,
  position bigint not null,
  primary key (review, tenant)
);
create unique index access_reviews_v1_in_order on read_model.access_reviews_v1 (tenant, opened_pos);
create index access_reviews_v1_unfinished on read_model.access_reviews_v1 (opened_pos) where status in ('building', 'open', 'held');
`;
