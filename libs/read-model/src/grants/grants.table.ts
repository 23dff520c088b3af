import { type Table, table } from '../projecting/table.js';

/** One version of what is known about a grant. */
export interface GrantRow {
  readonly tenant: string;
  readonly grant_id: string;
  readonly account: string;
  readonly role: string;
  readonly source_kind: string;
  readonly source_connection: string | null;
  readonly source_connection_version: number | null;
  readonly source_rule: string | null;
  readonly source_rule_version: number | null;
  /** `kind:id` of who gave it by hand. */
  readonly source_actor: string | null;
  /** Inclusive. */
  readonly valid_from: string;
  /** Exclusive; null while nothing ends it. */
  readonly valid_to: string | null;
  readonly granted_pos: number;
  readonly granted_event: string;
  /** The sign-in that led to it. */
  readonly granted_evidence: string | null;
  readonly revoked_pos: number | null;
  readonly revoked_event: string | null;
  readonly revoked_evidence: string | null;
}

/**
 * Grants, bitemporal: a row says that the grant held from `valid_from` to `valid_to`, as known from position `from_pos` to `to_pos`.
 * Who held what at an instant D as known at position K is a range of one index, by account, by role or by tenant.
 */
export const grantsTable: Table<GrantRow> = table<GrantRow>('grants_v1', 'versioned', ['tenant', 'grant_id'], {
  tenant: true,
  grant_id: true,
  account: true,
  role: true,
  source_kind: true,
  source_connection: true,
  source_connection_version: true,
  source_rule: true,
  source_rule_version: true,
  source_actor: true,
  valid_from: true,
  valid_to: true,
  granted_pos: true,
  granted_event: true,
  granted_evidence: true,
  revoked_pos: true,
  revoked_event: true,
  revoked_evidence: true,
});

/** Versions of grants with their valid time, and the indexes that make each access question one scan. */
export const GRANTS_SQL = `
create table read_model.grants_v1 (
  tenant text not null,
  grant_id uuid not null,
  from_pos bigint not null,
  to_pos bigint,
  account uuid not null,
  role text not null,
  source_kind text not null,
  source_connection text,
  source_connection_version int,
  source_rule text,
  source_rule_version int,
  source_actor text,
  valid_from timestamptz not null,
  valid_to timestamptz,
  granted_pos bigint not null,
  granted_event uuid not null,
  granted_evidence uuid,
  revoked_pos bigint,
  revoked_event uuid,
  revoked_evidence uuid,
  primary key (grant_id, tenant, from_pos)
);
create index grants_v1_by_account on read_model.grants_v1 (tenant, account, granted_pos, grant_id);
create index grants_v1_by_role on read_model.grants_v1 (tenant, role, granted_pos, grant_id);
create index grants_v1_in_order on read_model.grants_v1 (tenant, granted_pos, grant_id);
`;
