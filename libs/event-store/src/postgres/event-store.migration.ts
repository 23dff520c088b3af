/**
 * Schema `es`: the events, and one row that knows the position of the last.
 *
 * `append_batch` takes several appends at once. Updating `es.head` allocates positions and holds every other writer back until the
 * commit, so positions are dense and become visible in their own order. What is checked after that update is checked against
 * everything committed before, because at READ COMMITTED each statement of a volatile function has a snapshot of its own.
 * It answers the last position in use and the 1-based numbers of the requests whose expected revision was wrong; those are left out.
 *
 * Times are text, stored as stamped. Nobody changes or removes an event: the triggers also hold for the owner of the table and in
 * replication mode (`always`).
 */
const sql = `
create schema es;

create table es.head (
  id int primary key check (id = 1),
  position bigint not null
) with (fillfactor = 10);
insert into es.head values (1, -1);

create table es.events (
  position bigint primary key,
  stream text not null,
  revision int not null,
  event_id uuid not null unique,
  type text not null,
  schema_version int not null,
  recorded_at text not null,
  data json not null,
  metadata json not null,
  unique (stream, revision)
);
create index events_by_category on es.events (split_part(stream, '-', 1), position);

create function es.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'Events are never changed or removed (% on %.%).', tg_op, tg_table_schema, tg_table_name
    using errcode = 'insufficient_privilege';
end $$;
create trigger events_are_facts before update or delete or truncate on es.events
  for each statement execute function es.refuse_change();
alter table es.events enable always trigger events_are_facts;

create function es.append_batch(
  streams text[], expected int[],
  requests int[], revisions int[], ids uuid[], types text[], versions int[], times text[], datas json[], metadatas json[]
) returns table (last_position bigint, bad int[])
language plpgsql set plan_cache_mode = force_generic_plan as $$
declare
  wanted int := cardinality(ids);
  taken int;
begin
  if current_setting('synchronous_commit') = 'off' then
    perform set_config('synchronous_commit', 'on', true);
  end if;

  update es.head set position = position + wanted where id = 1 returning position into last_position;

  select array_agg(r.o::int) into bad
  from unnest(streams, expected) with ordinality r(s, e, o)
  where r.e is distinct from
    coalesce((select x.revision from es.events x where x.stream = r.s order by x.revision desc limit 1), -1);

  insert into es.events (position, stream, revision, event_id, type, schema_version, recorded_at, data, metadata)
  select last_position - wanted + row_number() over (order by u.o), streams[u.q], u.r, u.id, u.t, u.v, u.at, u.d, u.m
  from unnest(requests, revisions, ids, types, versions, times, datas, metadatas)
    with ordinality u(q, r, id, t, v, at, d, m, o)
  where bad is null or u.q <> all (bad);
  get diagnostics taken = row_count;

  if taken < wanted then
    update es.head set position = position - wanted + taken where id = 1 returning position into last_position;
  end if;
  return next;
end $$;
`;

/** Migrations of the PostgreSQL event store, in order. */
export const eventStoreMigrations = [{ name: '0100-event-store', sql }] as const;
