import { type Table, table } from '../projecting/table.js';

/** Somebody used an application, or a role of it, on a day. */
export interface UseRow {
  readonly tenant: string;
  readonly account: string;
  readonly application: string;
  /** Empty where the source speaks of the application as a whole. */
  readonly role: string;
  /** Who says so: `op` for a sign-in to the application here, else the name that the source gives itself. */
  readonly source: string;
  /** Day of the use in UTC, such as `2026-03-02`. */
  readonly used_on: string;
}

/** A source spoke of the use of an application on a day, of whomever and of whatever day. */
export interface UseSourceRow extends Omit<UseRow, 'account' | 'used_on'> {
  /** Day in UTC on which it spoke. */
  readonly told_on: string;
}

/** A sign-in left open which groups the person is in. */
export interface UnknownGroupsRow {
  /** Id of the `SignedIn` event. */
  readonly event_id: string;
  readonly tenant: string;
  readonly account: string;
  readonly connection: string;
  readonly at: string;
}

/**
 * Who used what when. One use is told by many streams, in any order; a row per day says the same whichever of them writes it first, so it
 * needs no order, and there are as many rows as days on which somebody was active, however often they come and go.
 */
export const usesTable: Table<UseRow> = table<UseRow>(
  'uses_v1',
  'appended',
  ['tenant', 'account', 'application', 'role', 'source', 'used_on'],
  { tenant: true, account: true, application: true, role: true, source: true, used_on: true },
);

/** On which days a source spoke of an application. What it said of long ago was not known then, and a source may fall silent. */
export const useSourcesTable: Table<UseSourceRow> = table<UseSourceRow>(
  'use_sources_v2',
  'appended',
  ['tenant', 'application', 'role', 'source', 'told_on'],
  { tenant: true, application: true, role: true, source: true, told_on: true },
);

/** Sign-ins that left groups unknown: none of most connections. */
export const unknownGroupsTable: Table<UnknownGroupsRow> = table<UnknownGroupsRow>(
  'unknown_groups_v1',
  'appended',
  ['event_id'],
  { event_id: true, tenant: true, account: true, connection: true, at: true },
);

/** Use of applications, and sign-ins without word of groups. */
export const ACTIVITY_SQL = `
create table read_model.uses_v1 (
  tenant text not null,
  account uuid not null,
  application text not null,
  role text not null,
  source text not null,
  used_on date not null,
  primary key (tenant, account, application, role, source, used_on)
);
create table read_model.use_sources_v1 (
  tenant text not null,
  application text not null,
  role text not null,
  source text not null,
  used_on date not null,
  primary key (tenant, application, role, source, used_on)
);
create table read_model.unknown_groups_v1 (
  event_id uuid primary key,
  tenant text not null,
  account uuid not null,
  connection text not null,
  at timestamptz not null
);
create index unknown_groups_v1_by_account on read_model.unknown_groups_v1 (tenant, account, connection, at);
`;

/** Version 2 keeps when a source spoke, instead of what days it spoke of, and is filled from the log. */
export const ACTIVITY_2_SQL = `
drop table read_model.use_sources_v1;
create table read_model.use_sources_v2 (
  tenant text not null,
  application text not null,
  role text not null,
  source text not null,
  told_on date not null,
  primary key (tenant, application, role, source, told_on)
);
`;
