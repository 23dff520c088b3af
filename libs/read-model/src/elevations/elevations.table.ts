import { type Table, table } from '../projecting/table.js';

/** Access for a time, from the request to the end, as it stands. */
export interface ElevationRow {
  readonly tenant: string;
  readonly elevation: string;
  readonly account: string;
  readonly role: string;
  readonly policy: string;
  readonly policy_version: number;
  readonly duration_ms: number;
  readonly requested_by: string | null;
  readonly requested_via: string;
  /** `kind:id` of who sent the request. */
  readonly filed_by: string;
  readonly approvers: readonly string[];
  readonly approvals_needed: number;
  readonly approvals: readonly RecordedApproval[];
  readonly break_glass: boolean;
  readonly valid_until: string;
  readonly status: 'requested' | 'active' | 'refused' | 'ended';
  /** The newest grant, and all of them in the order in which they were given. */
  readonly grant_id: string | null;
  readonly grants: readonly string[];
  readonly effective_at: string | null;
  readonly ends_at: string | null;
  readonly requested_at: string;
  /** Position of the event that asked for it; the order of lists. */
  readonly requested_pos: number;
  readonly requested_event: string;
  /** The last approval and its event. */
  readonly approved_at: string | null;
  readonly approved_event: string | null;
  readonly refused_code: string | null;
  readonly ended_at: string | null;
  readonly ended_code: string | null;
  /** Who refused or ended it; null for the system, and while nobody has. */
  readonly decided_by: string | null;
  readonly reason: string;
}

/** Somebody's approval. */
export interface RecordedApproval {
  readonly by: string;
  readonly via: string;
  readonly apiKey: string | null;
  /** ISO-8601 UTC. */
  readonly at: string;
}

/** Elevations as they stand. */
export const elevationsTable: Table<ElevationRow> = table<ElevationRow>(
  'elevations_v1',
  'keyed',
  ['tenant', 'elevation'],
  {
    tenant: true,
    elevation: true,
    account: true,
    role: true,
    policy: true,
    policy_version: true,
    duration_ms: true,
    requested_by: true,
    requested_via: true,
    filed_by: true,
    approvers: true,
    approvals_needed: true,
    approvals: true,
    break_glass: true,
    valid_until: true,
    status: true,
    grant_id: true,
    grants: true,
    effective_at: true,
    ends_at: true,
    requested_at: true,
    requested_pos: true,
    requested_event: true,
    approved_at: true,
    approved_event: true,
    refused_code: true,
    ended_at: true,
    ended_code: true,
    decided_by: true,
    reason: true,
  },
);

/** Elevations by tenant, person and approver, and those that are not over. */
export const ELEVATIONS_SQL = `
create table read_model.elevations_v1 (
  tenant text not null,
  elevation uuid not null,
  account uuid not null,
  role text not null,
  policy text not null,
  policy_version int not null,
  duration_ms bigint not null,
  requested_by uuid,
  requested_via text not null,
  filed_by text not null,
  approvers jsonb not null,
  approvals_needed int not null,
  approvals jsonb not null,
  break_glass boolean not null,
  valid_until timestamptz not null,
  status text not null,
  grant_id uuid,
  grants jsonb not null,
  effective_at timestamptz,
  ends_at timestamptz,
  requested_at timestamptz not null,
  requested_pos bigint not null,
  requested_event uuid not null,
  approved_at timestamptz,
  approved_event uuid,
  refused_code text,
  ended_at timestamptz,
  ended_code text,
  decided_by uuid,
  reason text not null,
  position bigint not null,
  primary key (elevation, tenant)
);
create unique index elevations_v1_in_order on read_model.elevations_v1 (tenant, requested_pos);
create index elevations_v1_by_account on read_model.elevations_v1 (tenant, account, requested_pos);
create index elevations_v1_by_requester on read_model.elevations_v1 (tenant, requested_by, requested_pos);
create index elevations_v1_by_approver on read_model.elevations_v1 using gin (approvers jsonb_path_ops);
create index elevations_v1_requested on read_model.elevations_v1 (valid_until) where status = 'requested';
create index elevations_v1_active on read_model.elevations_v1 (ends_at) where status = 'active';
`;
