import type { Migration } from '#libs/database';

/** How far governance has read the sealed log, one row per partition; -1 as the partition stands for the whole log. */
const places = `
create schema governance;

create table governance.places (
  partition  integer primary key,
  position   bigint not null check (position >= -1),
  bookmark   text check (length(bookmark) <= 200),
  updated_at timestamptz not null default clock_timestamp()
);
`;

/**
 * What insights compare with: counts by the hour, events that were counted, digests seen before, and the last sign-in of each account. Then which
 * findings a policy was let act upon and when, so that no restart gives it more than its share.
 */
const findings = `
create table governance.insight_events (
  event_id uuid primary key,
  at       timestamptz not null
);
create index insight_events_by_age on governance.insight_events (at);

create table governance.insight_hours (
  tenant     text not null,
  connection text not null,
  what       text not null,
  hour       timestamptz not null,
  count      integer not null,
  primary key (tenant, connection, what, hour)
);

create table governance.insight_seen (
  tenant      text not null,
  connection  text not null,
  what        text not null,
  digest      text not null,
  first_event uuid not null,
  first_at    timestamptz not null,
  primary key (tenant, connection, what, digest)
);

create table governance.insight_sign_ins (
  tenant      text not null,
  account     uuid not null,
  event_id    uuid not null,
  at          timestamptz not null,
  previous_at timestamptz,
  primary key (tenant, account)
);

create table governance.finding_actions (
  tenant  text not null,
  finding uuid not null,
  raised  uuid not null,
  policy  text not null,
  account uuid not null,
  at      timestamptz not null,
  primary key (tenant, finding, raised)
);
create index finding_actions_by_policy on governance.finding_actions (tenant, policy, at);
`;

/** How far the owners of findings were told. */
const findingNews = `
create table governance.finding_news (
  tenant   text primary key,
  position bigint not null
);
`;

/** What the governance server keeps of its own: nothing that could not be made again from the log. */
export const governanceMigrations: readonly Migration[] = [
  { name: '0850-governance-places', sql: places },
  { name: '0851-governance-findings', sql: findings },
  { name: '0871-governance-finding-news', sql: findingNews },
];
