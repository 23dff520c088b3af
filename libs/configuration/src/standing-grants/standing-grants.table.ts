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

/** Every migration of this library. */
export const configurationMigrations: readonly Migration[] = [standingGrantsMigration];
