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
  {
    name: '0251-vault-values-and-key-pairs',
    sql: `
-- Secrets that were handed in, named by a keyed fingerprint of tenant and value.
create table vault.secret_values (
  tenant      text collate "C" not null,
  fingerprint text collate "C" not null,
  wrapped     text not null,
  created_at  timestamptz not null,
  primary key (tenant, fingerprint)
);

-- The server's own key pairs, one line of generations per tenant and purpose; the newest is in use.
create table vault.key_pairs (
  tenant      text collate "C" not null,
  purpose     text collate "C" not null,
  generation  int not null check (generation > 0),
  kid         text not null,
  wrapped     text not null,
  public_key  text not null,
  certificate text,
  created_at  timestamptz not null,
  retired_at  timestamptz,
  primary key (tenant, purpose, generation)
);
`,
  },
];
