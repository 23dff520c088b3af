import { type Table, table } from '../projecting/table.js';

/** A change that waits, or waited, for a second person, or should have; as it stands. */
export interface HeldChangeRow {
  readonly tenant: string;
  readonly change: string;
  readonly area: string;
  readonly kind: string;
  readonly target: string;
  readonly of_version: number | null;
  readonly changed: readonly string[];
  /** `kind:id`. */
  readonly requested_by: string;
  readonly approvals_needed: number;
  readonly approvals: readonly ChangeApproval[];
  /** Null for an emergency change, which waited for nobody. */
  readonly valid_until: string | null;
  readonly status: 'held' | 'approved' | 'applied' | 'refused';
  readonly emergency: boolean;
  readonly held_at: string;
  /** Position of the event that held it; the order of lists. */
  readonly held_pos: number;
  readonly held_event: string;
  readonly refused_code: string | null;
  /** `kind:id`. */
  readonly refused_by: string | null;
  readonly applied_at: string | null;
  /** Ids of the events that made the change. */
  readonly events: readonly string[];
  readonly reason: string | null;
}

/** Somebody's approval. */
export interface ChangeApproval {
  /** `kind:id`. */
  readonly by: string;
  readonly via: string;
  /** ISO-8601 UTC. */
  readonly at: string;
}

/** Changes held for a second person, as they stand. The change itself is in the log only, where it is encrypted. */
export const heldChangesTable: Table<HeldChangeRow> = table<HeldChangeRow>(
  'held_changes_v1',
  'keyed',
  ['tenant', 'change'],
  {
    tenant: true,
    change: true,
    area: true,
    kind: true,
    target: true,
    of_version: true,
    changed: true,
    requested_by: true,
    approvals_needed: true,
    approvals: true,
    valid_until: true,
    status: true,
    emergency: true,
    held_at: true,
    held_pos: true,
    held_event: true,
    refused_code: true,
    refused_by: true,
    applied_at: true,
    events: true,
    reason: true,
  },
);

/** Changes in order, and those that wait. */
export const HELD_CHANGES_SQL = `
create table read_model.held_changes_v1 (
  tenant text not null,
  change uuid not null,
  area text not null,
  kind text not null,
  target text not null,
  of_version int,
  changed jsonb not null,
  requested_by text not null,
  approvals_needed int not null,
  approvals jsonb not null,
  valid_until timestamptz,
  status text not null,
  emergency boolean not null,
  held_at timestamptz not null,
  held_pos bigint not null,
  held_event uuid not null,
  refused_code text,
  refused_by text,
  applied_at timestamptz,
  events jsonb not null,
  reason text,
  position bigint not null,
  primary key (change, tenant)
);
create unique index held_changes_v1_in_order on read_model.held_changes_v1 (tenant, held_pos);
create index held_changes_v1_waiting on read_model.held_changes_v1 (valid_until) where status in ('held', 'approved');
`;
