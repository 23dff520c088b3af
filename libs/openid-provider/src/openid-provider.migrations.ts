import type { Migration } from '#libs/database';

/** Tables of the OpenID provider. */
export const openidProviderMigrations: readonly Migration[] = [
  {
    name: '0400-openid-provider',
    sql: `
create schema openid_provider;

-- What the protocol keeps: sessions, interactions, grants, codes, tokens. Whoever reads this table can present none of them:
-- ids stand here as hashes, contents are encrypted under the keyring.
create table openid_provider.items (
  model       text collate "C" not null,
  id_hash     text collate "C" not null,
  uid_hash    text collate "C",
  grant_hash  text collate "C",
  wrapped     text not null,
  consumed_at timestamptz,
  expires_at  timestamptz not null,
  primary key (model, id_hash)
);
create index items_by_uid on openid_provider.items (uid_hash) where uid_hash is not null;
create index items_by_grant on openid_provider.items (grant_hash) where grant_hash is not null;
create index items_by_expiry on openid_provider.items (expires_at);

-- What an application was given: to whom it belongs and as of which revision of the account, without which no code and no token is good.
create table openid_provider.grants (
  grant_hash    text collate "C" primary key,
  tenant        text collate "C" not null,
  account_id    uuid not null,
  client_id     text collate "C" not null,
  connection    text collate "C" not null,
  revision      integer not null,
  sign_in_event uuid,
  -- What the client asked of people then: once it asks for more, what it was given is not good any more.
  terms         jsonb not null,
  sid           text,
  created_at    timestamptz not null,
  expires_at    timestamptz not null,
  -- Set when something ended it: nothing under it is good any more, and the end has yet to be recorded and told.
  ended_at      timestamptz,
  ended_by      uuid,
  ended_code    text,
  signalled_at  timestamptz,
  check ((ended_at is null) = (ended_by is null))
);
create index grants_ended on openid_provider.grants (ended_at) where ended_at is not null;
create index grants_by_account on openid_provider.grants (tenant, account_id);
create index grants_by_client on openid_provider.grants (client_id);
create index grants_by_sign_in on openid_provider.grants (sign_in_event) where sign_in_event is not null;
create index grants_by_connection on openid_provider.grants (tenant, connection);
create index grants_by_expiry on openid_provider.grants (expires_at);

-- Applications that have yet to be told that a session has ended.
create table openid_provider.logout_notices (
  id         uuid primary key,
  client_id  text collate "C" not null,
  account_id uuid not null,
  sid        text,
  attempts   integer not null,
  due_at     timestamptz not null
);
create index logout_notices_by_due on openid_provider.logout_notices (due_at);

-- How far the store has been followed for what ends sessions with applications.
create table openid_provider.checkpoints (
  follower       text primary key,
  store_position bigint not null
);
`,
  },
];
