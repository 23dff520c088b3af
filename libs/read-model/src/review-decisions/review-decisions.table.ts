import { type Table, table } from '../projecting/table.js';

/** A decision of an access review, as it was recorded. */
export interface ReviewDecisionRow {
  readonly tenant: string;
  readonly position: number;
  readonly event_id: string;
  readonly item: string;
  readonly review: string;
  readonly account: string;
  /** Null where a role was kept back. */
  readonly grant_id: string | null;
  readonly role: string;
  readonly decision: string;
  /** The account that decided; null for the system. */
  readonly by: string | null;
  readonly via: string;
  readonly at: string;
  /** When the grant ends, for `reduce`. */
  readonly until: string | null;
}

/** Every decision there was, those that passed the question on among them: what had been decided about a grant by a day in the past. */
export const reviewDecisionsTable: Table<ReviewDecisionRow> = table<ReviewDecisionRow>(
  'review_decisions_v1',
  'appended',
  ['tenant', 'position'],
  {
    tenant: true,
    position: true,
    event_id: true,
    item: true,
    review: true,
    account: true,
    grant_id: true,
    role: true,
    decision: true,
    by: true,
    via: true,
    at: true,
    until: true,
  },
);

/** Decisions of access reviews, by grant. */
export const REVIEW_DECISIONS_SQL = `
create table read_model.review_decisions_v1 (
  tenant text not null,
  position bigint not null,
  event_id uuid not null,
  item uuid not null,
  review uuid not null,
  account uuid not null,
  grant_id uuid,
  role text not null,
  decision text not null,
  by uuid,
  via text not null,
  at timestamptz not null,
  until timestamptz,
  primary key (tenant, position)
);
create index review_decisions_v1_by_grant on read_model.review_decisions_v1 (tenant, grant_id, position);
`;
