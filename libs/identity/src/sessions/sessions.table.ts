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
