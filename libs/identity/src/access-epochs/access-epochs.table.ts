import type { Migration } from '#libs/database';

/** One row per account that ever lost access: sessions of older revisions are void. */
export const accessEpochsMigration: Migration = {
  name: '0302-access-epochs',
  sql: `
create table identity.access_epochs (
  tenant     text collate "C" not null,
  account_id uuid not null,
  revision   integer not null,
  primary key (tenant, account_id)
);
`,
};
