/**
 * Schema `read_model`: everything in it can be rebuilt from the log. `checkpoints` says how far each projection has come, in the sealed
 * log and in the store's own order. `parked` holds places only, never the events: an event that a projection could not take, and those
 * of its stream that wait behind it.
 */
export const PROJECTING_SQL = `
create schema read_model;

create table read_model.checkpoints (
  projection text not null,
  version int not null,
  position bigint not null,
  store_position bigint not null,
  primary key (projection, version)
);

create table read_model.parked (
  projection text not null,
  version int not null,
  position bigint not null,
  tenant text not null,
  tenant_position bigint not null,
  store_position bigint not null,
  event_id uuid not null,
  type text not null,
  stream text not null,
  revision int not null,
  sealed_at text not null,
  account uuid,
  poisoned boolean not null,
  problem text,
  primary key (projection, version, position)
);
create index parked_by_stream on read_model.parked (projection, version, stream, revision);
create index parked_by_account on read_model.parked (tenant, account);
`;
