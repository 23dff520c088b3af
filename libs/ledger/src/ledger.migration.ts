/**
 * Schema `ledger`: the order that all readers share. One row per event, in the store's order, dense over all and dense per tenant.
 * `hash` is `canonicalHash`. Rows are never changed or removed; the triggers also hold for the owner and in replication mode.
 */
const sql = `
create schema ledger;

create table ledger.sealed_log (
  position bigint primary key,
  tenant text not null,
  tenant_position bigint not null,
  store_position bigint not null unique,
  event_id uuid not null unique,
  stream text not null,
  revision int not null,
  sealed_at text not null,
  hash bytea not null check (length(hash) = 32),
  unique (tenant, tenant_position)
);

create function ledger.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'The sealed log is never changed (% on %.%).', tg_op, tg_table_schema, tg_table_name
    using errcode = 'insufficient_privilege';
end $$;
create trigger sealed_is_sealed before update or delete or truncate on ledger.sealed_log
  for each statement execute function ledger.refuse_change();
alter table ledger.sealed_log enable always trigger sealed_is_sealed;
`;

/**
 * Which installation the database belongs to, and where events stand once the log has moved to another store.
 *
 * `belonging`: the database makes its own id, once. The installation is written down before the log begins; a database from before this
 * table takes it from the log that it has lived with (it has a vault already, a mere copy of a log has none).
 *
 * `moved_positions`: rows of the sealed log are never changed, so the place of an event in a later store is kept beside them, where it
 * differs. What counts are the rows of the move named in `belonging`; rows of any other are left over and mean nothing. Places of two
 * stores may coincide, hence no unique key on them any more; that an event is sealed once, its id guarantees.
 */
const belongingSql = `
create table ledger.belonging (
  id int primary key default 1 check (id = 1),
  database_id uuid not null default gen_random_uuid(),
  installation uuid,
  log_begun boolean not null default false,
  move int not null default 0,
  created_at timestamptz not null default clock_timestamp()
);
insert into ledger.belonging default values;
do $$ begin
  if to_regclass('vault.installation') is not null and to_regclass('es.events') is not null then
    update ledger.belonging b set installation = (e.data->>'installation')::uuid, log_begun = true
    from es.events e where e.position = 0 and e.type = 'InstallationCreated';
  end if;
end $$;

create table ledger.moved_positions (
  move int not null,
  position bigint not null,
  store_position bigint not null,
  primary key (move, position)
);
alter table ledger.sealed_log drop constraint sealed_log_store_position_key;
`;

/** Migrations of the sealed log, in order. */
export const ledgerMigrations = [
  { name: '0200-ledger', sql },
  { name: '0201-ledger-belonging', sql: belongingSql },
] as const;
