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

/** Migrations of the sealed log, in order. */
export const ledgerMigrations = [{ name: '0200-ledger', sql }] as const;
