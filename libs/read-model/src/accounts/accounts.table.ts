import { type Table, table } from '../projecting/table.js';

/** An account as it stands, with the person's data in clear. */
export interface AccountRow {
  readonly tenant: string;
  readonly account: string;
  readonly directory: string;
  readonly kind: string;
  readonly status: string;
  readonly sponsor: string | null;
  readonly expires_at: string | null;
  readonly user_name: string;
  readonly display_name: string | null;
  readonly given_name: string | null;
  readonly family_name: string | null;
  readonly email: string | null;
  readonly external_id: string | null;
  readonly employee_number: string | null;
  readonly employee_type: string | null;
  readonly title: string | null;
  readonly department: string | null;
  readonly cost_center: string | null;
  readonly manager: string | null;
  readonly attributes: { readonly [name: string]: readonly string[] };
  readonly links: readonly LinkRow[];
  readonly source_connection: string | null;
  readonly source_protocol: string;
  readonly provisioned_at: string;
  /** Position of the event that made the account; the order of lists. */
  readonly provisioned_pos: number;
}

/** An identity link, with the position of the event that made it. */
export interface LinkRow {
  readonly connection: string;
  readonly subject: string;
  readonly position: number;
}

/** Accounts as they stand. */
export const accountsTable: Table<AccountRow> = table<AccountRow>('accounts_v1', 'keyed', ['tenant', 'account'], {
  tenant: true,
  account: true,
  directory: true,
  kind: true,
  status: true,
  sponsor: true,
  expires_at: true,
  user_name: true,
  display_name: true,
  given_name: true,
  family_name: true,
  email: true,
  external_id: true,
  employee_number: true,
  employee_type: true,
  title: true,
  department: true,
  cost_center: true,
  manager: true,
  attributes: true,
  links: true,
  source_connection: true,
  source_protocol: true,
  provisioned_at: true,
  provisioned_pos: true,
});

/** Values that people are looked up by may be longer than a B-tree takes, so those indexes are hashes. */
export const ACCOUNTS_SQL = `
create table read_model.accounts_v1 (
  tenant text not null,
  account uuid not null,
  directory text not null,
  kind text not null,
  status text not null,
  sponsor text,
  expires_at timestamptz,
  user_name text not null,
  display_name text,
  given_name text,
  family_name text,
  email text,
  external_id text,
  employee_number text,
  employee_type text,
  title text,
  department text,
  cost_center text,
  manager text,
  attributes jsonb not null,
  links jsonb not null,
  source_connection text,
  source_protocol text not null,
  provisioned_at timestamptz not null,
  provisioned_pos bigint not null,
  position bigint not null,
  primary key (account, tenant)
);
create unique index accounts_v1_in_order on read_model.accounts_v1 (tenant, provisioned_pos);
create index accounts_v1_by_user_name on read_model.accounts_v1 using hash (lower(user_name));
create index accounts_v1_by_email on read_model.accounts_v1 using hash (lower(email));
create index accounts_v1_by_external_id on read_model.accounts_v1 using hash (external_id);
create index accounts_v1_by_employee_number on read_model.accounts_v1 using hash (employee_number);
`;
