import { type Table, table } from '../projecting/table.js';

/** Who gave a grant. */
export interface GrantOriginRow {
  readonly tenant: string;
  readonly grant_id: string;
  readonly account: string;
  readonly role: string;
  readonly event_id: string;
  /** `kind:id`. */
  readonly given_by: string;
  readonly at: string;
  readonly position: number;
  readonly reason: string | null;
}

/** Who ended a grant, or set it an end. */
export interface GrantEndRow {
  readonly tenant: string;
  readonly grant_id: string;
  readonly position: number;
  readonly account: string;
  readonly role: string;
  readonly event_id: string;
  /** As in `AccessRevoked`; `reduced` where a review gave it an earlier end. */
  readonly code: string;
  /** `kind:id`. */
  readonly ended_by: string;
  /** Exclusive. */
  readonly effective_at: string;
  readonly at: string;
  /** The decision of a review that asked for it. */
  readonly decision: string | null;
  readonly reason: string | null;
}

/** Somebody approved of the elevation that a grant comes from. */
export interface GrantApprovalRow {
  readonly tenant: string;
  readonly elevation: string;
  readonly position: number;
  /** Null while further approvals were missing. */
  readonly grant_id: string | null;
  readonly by: string;
  readonly via: string;
  readonly api_key: string | null;
  readonly at: string;
}

/** Where grants come from: one row each, written once. */
export const grantOriginsTable: Table<GrantOriginRow> = table<GrantOriginRow>(
  'grant_origins_v1',
  'appended',
  ['tenant', 'grant_id'],
  {
    tenant: true,
    grant_id: true,
    account: true,
    role: true,
    event_id: true,
    given_by: true,
    at: true,
    position: true,
    reason: true,
  },
);

/** Every event that ended a grant or gave it an earlier end. */
export const grantEndsTable: Table<GrantEndRow> = table<GrantEndRow>(
  'grant_ends_v1',
  'appended',
  ['tenant', 'grant_id', 'position'],
  {
    tenant: true,
    grant_id: true,
    position: true,
    account: true,
    role: true,
    event_id: true,
    code: true,
    ended_by: true,
    effective_at: true,
    at: true,
    decision: true,
    reason: true,
  },
);

/** Approvals, apart from the grants since they are in other streams and may arrive before or after them. */
export const grantApprovalsTable: Table<GrantApprovalRow> = table<GrantApprovalRow>(
  'grant_approvals_v1',
  'appended',
  ['tenant', 'elevation', 'position'],
  {
    tenant: true,
    elevation: true,
    position: true,
    grant_id: true,
    by: true,
    via: true,
    api_key: true,
    at: true,
  },
);

/** Who gave, approved and ended grants, and why. */
export const GRANT_ORIGINS_SQL = `
create table read_model.grant_origins_v1 (
  tenant text not null,
  grant_id uuid not null,
  account uuid not null,
  role text not null,
  event_id uuid not null,
  given_by text not null,
  at timestamptz not null,
  position bigint not null,
  reason text,
  primary key (grant_id, tenant)
);
create table read_model.grant_ends_v1 (
  tenant text not null,
  grant_id uuid not null,
  position bigint not null,
  account uuid not null,
  role text not null,
  event_id uuid not null,
  code text not null,
  ended_by text not null,
  effective_at timestamptz not null,
  at timestamptz not null,
  decision uuid,
  reason text,
  primary key (grant_id, tenant, position)
);
create table read_model.grant_approvals_v1 (
  tenant text not null,
  elevation uuid not null,
  position bigint not null,
  grant_id uuid,
  by uuid not null,
  via text not null,
  api_key uuid,
  at timestamptz not null,
  primary key (tenant, elevation, position)
);
create index grant_approvals_v1_by_grant on read_model.grant_approvals_v1 (tenant, grant_id) where grant_id is not null;
`;
