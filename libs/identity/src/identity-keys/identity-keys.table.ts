import type { Migration } from '#libs/database';

/**
 * `identity.keys` arbitrates who is the same person: its primary key lets one account hold a key. A row is a claim until the follower has read
 * the fact in the store; only the follower confirms and frees. `identity.apply_key_facts` folds facts in order, one round trip per page.
 */
export const identityKeysMigration: Migration = {
  name: '0301-identity-keys',
  sql: `
create table identity.accounts (
  tenant     text collate "C" not null,
  account_id uuid not null,
  directory  text collate "C" not null,
  primary key (tenant, account_id)
);

-- Links belong to their connection, so their directory is empty.
create table identity.keys (
  tenant     text collate "C" not null,
  directory  text collate "C" not null,
  kind       text collate "C" not null check (kind in ('link', 'userName', 'externalId', 'verifiedEmail')),
  key_hmac   text collate "C" not null,
  account_id uuid not null,
  command_id uuid not null,
  claimed_at timestamptz not null,
  confirmed  boolean not null,
  constraint keys_pkey primary key (tenant, directory, kind, key_hmac)
);
create index keys_by_account on identity.keys (tenant, account_id);
create index keys_unconfirmed on identity.keys (claimed_at) where not confirmed;

-- Plain statements in one function, because their plans are kept for the session.
create function identity.apply_key_facts(facts jsonb) returns void language plpgsql as $$
declare
  f record;
  held_in text;
begin
  for f in
    select x.* from jsonb_to_recordset(facts) as x(
      n int, fact text, tenant text, directory text, kind text, "hmac" text, account uuid, command uuid, at timestamptz)
    order by x.n
  loop
    if f.fact = 'provisioned' then
      insert into identity.accounts values (f.tenant, f.account, f.directory) on conflict do nothing;
      continue;
    elsif f.fact = 'unlinked' then
      delete from identity.keys k
       where k.tenant = f.tenant and k.directory = '' and k.kind = 'link' and k.key_hmac = f.hmac
         and k.account_id = f.account and k.confirmed;
      continue;
    elsif f.fact = 'linked' then
      held_in := '';
    elsif f.fact = 'holds' then
      select a.directory into held_in from identity.accounts a where a.tenant = f.tenant and a.account_id = f.account;
      delete from identity.keys k
       where k.tenant = f.tenant and k.account_id = f.account and k.kind = f.kind and k.confirmed and k.key_hmac is distinct from f.hmac;
    else
      raise exception 'not a key fact: %', f.fact;
    end if;
    continue when f.hmac is null or held_in is null;
    -- What the log says beats a claim, and the first account that the log gives a key keeps it until the log frees it.
    insert into identity.keys as k (tenant, directory, kind, key_hmac, account_id, command_id, claimed_at, confirmed)
    values (f.tenant, held_in, coalesce(f.kind, 'link'), f.hmac, f.account, f.command, f.at, true)
    on conflict (tenant, directory, kind, key_hmac) do update
      set account_id = excluded.account_id, command_id = excluded.command_id, claimed_at = excluded.claimed_at, confirmed = true
      where k.account_id = excluded.account_id or not k.confirmed;
  end loop;
end
$$;
`,
};

/** In a merge the identities of one account go on with another; its names and addresses are free again. */
export const accountMergesMigration: Migration = {
  name: '0307-account-merges',
  sql: `
create or replace function identity.apply_key_facts(facts jsonb) returns void language plpgsql as $$
declare
  f record;
  held_in text;
begin
  for f in
    select x.* from jsonb_to_recordset(facts) as x(
      n int, fact text, tenant text, directory text, kind text, "hmac" text, account uuid, command uuid, at timestamptz, "into" uuid)
    order by x.n
  loop
    if f.fact = 'provisioned' then
      insert into identity.accounts values (f.tenant, f.account, f.directory) on conflict do nothing;
      continue;
    elsif f.fact = 'unlinked' then
      delete from identity.keys k
       where k.tenant = f.tenant and k.directory = '' and k.kind = 'link' and k.key_hmac = f.hmac
         and k.account_id = f.account and k.confirmed;
      continue;
    elsif f.fact = 'merged' then
      update identity.keys k set account_id = f."into", command_id = f.command
       where k.tenant = f.tenant and k.account_id = f.account and k.kind = 'link' and k.confirmed;
      delete from identity.keys k where k.tenant = f.tenant and k.account_id = f.account;
      continue;
    elsif f.fact = 'linked' then
      held_in := '';
    elsif f.fact = 'holds' then
      select a.directory into held_in from identity.accounts a where a.tenant = f.tenant and a.account_id = f.account;
      delete from identity.keys k
       where k.tenant = f.tenant and k.account_id = f.account and k.kind = f.kind and k.confirmed and k.key_hmac is distinct from f.hmac;
    else
      raise exception 'not a key fact: %', f.fact;
    end if;
    continue when f.hmac is null or held_in is null;
    -- What the log says beats a claim, and the first account that the log gives a key keeps it until the log frees it.
    insert into identity.keys as k (tenant, directory, kind, key_hmac, account_id, command_id, claimed_at, confirmed)
    values (f.tenant, held_in, coalesce(f.kind, 'link'), f.hmac, f.account, f.command, f.at, true)
    on conflict (tenant, directory, kind, key_hmac) do update
      set account_id = excluded.account_id, command_id = excluded.command_id, claimed_at = excluded.claimed_at, confirmed = true
      where k.account_id = excluded.account_id or not k.confirmed;
  end loop;
end
$$;
`,
};
