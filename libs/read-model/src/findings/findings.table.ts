import type { FindingKind } from '#libs/contracts';
import { type Table, table } from '../projecting/table.js';

/** Something that stands out, as it stands. */
export interface FindingRow {
  readonly tenant: string;
  readonly finding: string;
  readonly kind: FindingKind;
  readonly code: string;
  readonly policy: string | null;
  readonly policy_version: number | null;
  readonly account: string | null;
  readonly grant_id: string | null;
  readonly role: string | null;
  readonly connection: string | null;
  /** The event that shows it. */
  readonly shown_by: string | null;
  readonly since: string | null;
  readonly details: { readonly [name: string]: string | number | boolean | null };
  /** Of a conflict of roles: every one of them, and why it is held. */
  readonly held: readonly HeldRole[] | null;
  readonly owner: string | null;
  /** Whether somebody chose that owner. */
  readonly assigned: boolean;
  readonly status: 'open' | 'accepted' | 'resolved';
  /** Of the last time it was raised, with the position that is the order of lists. */
  readonly raised_at: string;
  readonly raised_pos: number;
  readonly raised_event: string;
  readonly times_raised: number;
  readonly accepted_until: string | null;
  readonly accepted_by: string | null;
  /** What a policy did about it last. */
  readonly acted: RecordedAction | null;
  readonly resolved_at: string | null;
  readonly resolved_code: string | null;
  readonly resolved_by: string | null;
}

/** Why one role of a conflict is held: the grant, and the event that gave it. */
export interface HeldRole {
  readonly role: string;
  readonly grant: string;
  readonly event: string | null;
}

/** What a policy did about a finding: opened a review, or deactivated the account. */
export interface RecordedAction {
  readonly action: string;
  readonly review: string | null;
  readonly event: string | null;
  /** ISO-8601 UTC. */
  readonly at: string;
}

/** Findings as they stand. */
export const findingsTable: Table<FindingRow> = table<FindingRow>('findings_v2', 'keyed', ['tenant', 'finding'], {
  tenant: true,
  finding: true,
  kind: true,
  code: true,
  policy: true,
  policy_version: true,
  account: true,
  grant_id: true,
  role: true,
  connection: true,
  shown_by: true,
  since: true,
  details: true,
  held: true,
  owner: true,
  assigned: true,
  status: true,
  raised_at: true,
  raised_pos: true,
  raised_event: true,
  times_raised: true,
  accepted_until: true,
  accepted_by: true,
  acted: true,
  resolved_at: true,
  resolved_code: true,
  resolved_by: true,
});

/** Findings in order, and those of a policy, an account or an owner that are not resolved. */
export const FINDINGS_SQL = `
create table read_model.findings_v1 (
  tenant text not null,
  finding uuid not null,
  kind text not null,
  code text not null,
  policy text,
  policy_version int,
  account uuid,
  grant_id uuid,
  role text,
  connection text,
  shown_by uuid,
  since timestamptz,
  details jsonb not null,
  held jsonb,
  owner uuid,
  status text not null,
  raised_at timestamptz not null,
  raised_pos bigint not null,
  raised_event uuid not null,
  times_raised int not null,
  accepted_until timestamptz,
  accepted_by uuid,
  acted jsonb,
  resolved_at timestamptz,
  resolved_code text,
  resolved_by uuid,
  position bigint not null,
  primary key (finding, tenant)
);
create unique index findings_v1_in_order on read_model.findings_v1 (tenant, raised_pos);
create index findings_v1_by_kind on read_model.findings_v1 (tenant, kind, raised_pos) where status <> 'resolved';
create index findings_v1_by_policy on read_model.findings_v1 (tenant, policy, raised_pos) where policy is not null;
create index findings_v1_by_account on read_model.findings_v1 (tenant, account, raised_pos) where account is not null;
create index findings_v1_by_owner on read_model.findings_v1 (tenant, owner, raised_pos) where status <> 'resolved';
`;

/** Version 2 knows whether somebody chose the owner, and is filled from the log. */
export const FINDINGS_2_SQL = `
truncate read_model.findings_v1;
alter table read_model.findings_v1 rename to findings_v2;
alter table read_model.findings_v2 add column assigned boolean not null;
alter index read_model.findings_v1_pkey rename to findings_v2_pkey;
alter index read_model.findings_v1_in_order rename to findings_v2_in_order;
alter index read_model.findings_v1_by_kind rename to findings_v2_by_kind;
alter index read_model.findings_v1_by_policy rename to findings_v2_by_policy;
alter index read_model.findings_v1_by_account rename to findings_v2_by_account;
alter index read_model.findings_v1_by_owner rename to findings_v2_by_owner;
`;
