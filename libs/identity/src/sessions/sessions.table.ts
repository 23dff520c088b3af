import type { Migration } from '#libs/database';

/** Who is signed in. `expires_at` never lies beyond `ends_at`; the token itself is stored nowhere. */
export const sessionsMigration: Migration = {
  name: '0303-sessions',
  sql: `
create table identity.sessions (
  id_hash       text collate "C" primary key,
  tenant        text collate "C" not null,
  account_id    uuid not null,
  connection    text collate "C" not null,
  revision      integer not null,
  sign_in_event uuid,
  created_at    timestamptz not null,
  idle_seconds  integer not null check (idle_seconds > 0),
  expires_at    timestamptz not null,
  ends_at       timestamptz not null,
  check (expires_at <= ends_at)
);
create index sessions_by_account on identity.sessions (tenant, account_id);
create index sessions_by_connection on identity.sessions (tenant, connection);
create index sessions_by_expiry on identity.sessions (expires_at);
`,
};

/** How people signed in, for applications that require a certain way. */
export const sessionAuthenticationMigration: Migration = {
  name: '0308-session-authentication',
  sql: 'alter table identity.sessions add column authentication jsonb;',
};

/** What the source calls a session and its person: hidden, for finding it again; wrapped, for asking the source to end it too. */
export const sessionSourcesMigration: Migration = {
  name: '0309-session-sources',
  sql: `
alter table identity.sessions
  add column subject_hmac text collate "C",
  add column index_hmac   text collate "C",
  add column at_source    text;
create index sessions_by_subject on identity.sessions (tenant, connection, subject_hmac);
create index sessions_by_index on identity.sessions (tenant, connection, index_hmac);
`,
};
