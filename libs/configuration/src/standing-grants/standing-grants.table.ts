import type { Migration } from '#libs/database';

/**
 * Grants that were given and not revoked, and the last sign-in of each account through each connection: what a change of rules is evaluated
 * over. Derived from the event store by whoever needs it; holds no personal data. `effects` is how far the effects of changes have been carried out.
 */
export const standingGrantsMigration: Migration = {
  name: '0700-rule-effects',
  sql: `
create schema provisioning;
create table provisioning.checkpoints (
  reader         text collate "C" primary key,
  store_position bigint not null
);
create table provisioning.standing_grants (
  tenant             text collate "C" not null,
  grant_id           uuid not null,
  account            uuid not null,
  role               text collate "C" not null,
  source_kind        text not null,
  connection         text collate "C",
  connection_version integer,
  rule               text,
  rule_version       integer,
  effective_at       text collate "C" not null,
  until_at           text collate "C",
  primary key (tenant, grant_id)
);
create index standing_grants_by_connection on provisioning.standing_grants (tenant, connection, account);
create index standing_grants_by_role on provisioning.standing_grants (tenant, role, account);
create table provisioning.last_sign_ins (
  tenant     text collate "C" not null,
  account    uuid not null,
  connection text collate "C" not null,
  sign_in    uuid not null,
  primary key (tenant, account, connection)
);
`,
};

/** When people last came; whoever reads on next begins anew, and fills it in. */
export const signInTimesMigration: Migration = {
  name: '0701-sign-in-times',
  sql: `
alter table provisioning.last_sign_ins add column signed_in_at text collate "C";
create index last_sign_ins_by_time on provisioning.last_sign_ins (tenant, connection, signed_in_at desc);
delete from provisioning.checkpoints where reader like 'standing-grants.%';
`,
};

/** Grants that end by themselves, found by their end; and when connections are looked after next. No personal data. */
export const upkeepMigration: Migration = {
  name: '0702-upkeep',
  sql: `
create index standing_grants_by_end on provisioning.standing_grants (until_at)
 where source_kind = 'rule' and until_at is not null;
create table provisioning.upkeep_schedule (
  task     text collate "C" not null,
  subject  text collate "C" not null,
  about    text not null,
  due_at   text collate "C" not null,
  failures integer not null,
  primary key (task, subject)
);
`,
};

/**
 * Connections that an account was ever linked by: links end, what they show does not. Whoever reads on next begins anew, and fills it in. No
 * personal data.
 */
export const linkedConnectionsMigration: Migration = {
  name: '0703-linked-connections',
  sql: `
create table provisioning.linked_connections (
  tenant     text collate "C" not null,
  connection text collate "C" not null,
  primary key (tenant, connection)
);
delete from provisioning.checkpoints where reader like 'standing-grants.%';
`,
};

/** Every migration of this library. */
export const configurationMigrations: readonly Migration[] = [
  standingGrantsMigration,
  signInTimesMigration,
  upkeepMigration,
  linkedConnectionsMigration,
];
