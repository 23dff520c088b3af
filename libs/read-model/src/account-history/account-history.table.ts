import { type Table, table } from '../projecting/table.js';

/** What holds for an account from an instant on, until a later row says otherwise. */
export interface AccountHistoryRow {
  readonly tenant: string;
  readonly account: string;
  readonly directory: string;
  readonly kind: string;
  /** Who answers for an account that is not a person of the company. */
  readonly sponsor: string | null;
  readonly status: string;
  /** Exclusive end of every status; null for none. */
  readonly expires_at: string | null;
  readonly user_name: string;
  readonly display_name: string | null;
  readonly email: string | null;
  readonly employee_number: string | null;
  readonly employee_type: string | null;
  readonly title: string | null;
  readonly department: string | null;
  readonly manager: string | null;
  readonly source_connection: string | null;
  /** Position of the event that made the account. */
  readonly provisioned_pos: number;
  readonly valid_from: string;
}

/**
 * What an account was and whether it counted, bitemporal: at an instant D as known at position K, the row with the highest
 * `from_pos` ≤ K among those with `valid_from` ≤ D holds. An account's facts hold from when they are recorded, so one index probe finds it.
 */
export const accountHistoryTable: Table<AccountHistoryRow> = table<AccountHistoryRow>(
  'account_history_v2',
  'versioned',
  ['tenant', 'account'],
  {
    tenant: true,
    account: true,
    directory: true,
    kind: true,
    sponsor: true,
    status: true,
    expires_at: true,
    user_name: true,
    display_name: true,
    email: true,
    employee_number: true,
    employee_type: true,
    title: true,
    department: true,
    manager: true,
    source_connection: true,
    provisioned_pos: true,
    valid_from: true,
  },
);

/** What an account was like, from when to when, as known from position to position. */
export const ACCOUNT_HISTORY_SQL = `
create table read_model.account_history_v1 (
  tenant text not null,
  account uuid not null,
  from_pos bigint not null,
  to_pos bigint,
  status text not null,
  expires_at timestamptz,
  user_name text not null,
  valid_from timestamptz not null,
  primary key (tenant, account, from_pos)
);
`;

/**
 * Version 2 has the profile, and is filled from the log. The table of version 1 goes: it held names in clear, which nobody would keep
 * current or erase any more.
 */
export const ACCOUNT_HISTORY_2_SQL = `
drop table read_model.account_history_v1;
create table read_model.account_history_v2 (
  tenant text not null,
  account uuid not null,
  from_pos bigint not null,
  to_pos bigint,
  directory text not null,
  kind text not null,
  sponsor text,
  status text not null,
  expires_at timestamptz,
  user_name text not null,
  display_name text,
  email text,
  employee_number text,
  employee_type text,
  title text,
  department text,
  manager text,
  source_connection text,
  provisioned_pos bigint not null,
  valid_from timestamptz not null,
  primary key (tenant, account, from_pos)
);
`;
