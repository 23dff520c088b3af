import type { Migration } from '#libs/database';
import { accessEpochsMigration } from './access-epochs/access-epochs.table.js';
import { accountMergesMigration, identityKeysMigration } from './identity-keys/identity-keys.table.js';
import {
  sessionAuthenticationMigration,
  sessionSourcesMigration,
  sessionsMigration,
} from './sessions/sessions.table.js';
import {
  signInOriginsMigration,
  signInTestsMigration,
  signInTransactionsMigration,
} from './sign-in-transactions/sign-in-transactions.table.js';

/** Tables of everything that the write side derives or remembers to decide who somebody is and whether they are signed in. */
export const identityMigrations: readonly Migration[] = [
  {
    name: '0300-identity',
    sql: `
create schema identity;

-- How far each follower has read the event store.
create table identity.checkpoints (
  follower       text primary key,
  store_position bigint not null
);
`,
  },
  identityKeysMigration,
  accessEpochsMigration,
  sessionsMigration,
  signInTransactionsMigration,
  signInTestsMigration,
  accountMergesMigration,
  sessionAuthenticationMigration,
  sessionSourcesMigration,
  signInOriginsMigration,
];
