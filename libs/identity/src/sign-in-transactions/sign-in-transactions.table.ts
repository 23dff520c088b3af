import type { Migration } from '#libs/database';

/** Sign-ins under way, and the assertions that were seen. Both live for minutes. */
export const signInTransactionsMigration: Migration = {
  name: '0304-sign-in-transactions',
  sql: `
create table identity.sign_in_transactions (
  id         text collate "C" primary key,
  token_hash text collate "C" not null,
  connection text collate "C" not null,
  request_id text collate "C" not null unique,
  return_to  text not null,
  opened     bigint generated always as identity,
  expires_at timestamptz not null
);
create index sign_in_transactions_by_age on identity.sign_in_transactions (connection, opened);
create index sign_in_transactions_by_expiry on identity.sign_in_transactions (expires_at);

create table identity.assertion_replays (
  connection        text collate "C" not null,
  assertion_id_hmac text collate "C" not null,
  command_id        uuid not null,
  transaction_id    text collate "C",
  state             text not null check (state in ('started', 'finished')),
  expires_at        timestamptz not null,
  primary key (connection, assertion_id_hmac)
);
create index assertion_replays_by_expiry on identity.assertion_replays (expires_at);
`,
};

/** Transactions that try a connection out. */
export const signInTestsMigration: Migration = {
  name: '0306-sign-in-tests',
  sql: `
-- The set-up link whose holder tries the connection out; null where somebody wants to come in.
alter table identity.sign_in_transactions add column test_of uuid;
`,
};

/** Who wanted a sign-in. */
export const signInOriginsMigration: Migration = {
  name: '0310-sign-in-origins',
  sql: `
-- Whether another site led the browser here: then the sign-in replaces no session of another account.
alter table identity.sign_in_transactions add column cross_site boolean not null default false;
`,
};
