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

/**
 * The log may reach readers in partitions. A checkpoint of partition -1 stands for all of them together; what a projection has of a
 * partition is the higher of that one and the partition's own. `places` says where the group of projectors stands with the carrier, and
 * its rows are locks besides: whoever writes what came in a partition, or replaces what is written, locks the partition's row first.
 * `holds` lists projections that nobody may write before an instant. The index finds what came before an event in its stream.
 */
export const PARTITIONS_SQL = `
alter table read_model.checkpoints add column partition smallint not null default -1;
alter table read_model.checkpoints drop constraint checkpoints_pkey;
alter table read_model.checkpoints add primary key (projection, version, partition);

create table read_model.places (
  partition smallint primary key,
  position bigint not null,
  store_position bigint not null,
  bookmark text
);
insert into read_model.places (partition, position, store_position)
  select partition, -1, -1 from generate_series(0, 11) partition;

create table read_model.holds (
  projection text primary key,
  until timestamptz not null
);

create index events_v1_by_stream on read_model.events_v1 (stream, revision);
`;
