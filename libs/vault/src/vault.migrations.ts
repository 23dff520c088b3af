import type { Migration } from '#libs/database';

/** Tables of the vault. */
export const vaultMigrations: readonly Migration[] = [
  {
    name: '0250-vault',
    sql: `
create schema vault;

-- The keyring that this database belongs to. The probe proves that its key-encryption keys are the right ones too.
create table vault.installation (
  only_row    boolean primary key default true check (only_row),
  fingerprint text not null,
  probe       text not null
);

-- One data key per subject. A row whose key was destroyed stays as a tombstone, so that nobody can make the key anew.
create table vault.subject_keys (
  tenant       text collate "C" not null,
  subject      text collate "C" not null,
  wrapped      text,
  created_at   timestamptz not null,
  destroyed_at timestamptz,
  primary key (tenant, subject),
  check ((wrapped is null) = (destroyed_at is not null))
);

create table vault.secrets (
  name       text primary key,
  wrapped    text not null,
  created_at timestamptz not null
);
`,
  },
];
