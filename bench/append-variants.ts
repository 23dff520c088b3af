import type { Pool } from 'pg';
import { type EventStore, type EventToAppend, NO_STREAM } from '#libs/event-store';

/** One way to append a new one-event stream, durably. */
export interface Variant {
  readonly name: string;
  append(stream: string, event: EventToAppend): Promise<unknown>;
}

/** The same table and indexes as `es.events`, but with positions from a sequence: what one would write first. */
const NAIVE_SCHEMA = `
create schema naive;
create table naive.events (
  position bigserial primary key, stream text not null, revision int not null, event_id uuid not null unique, type text not null,
  schema_version int not null, recorded_at text not null, data json not null, metadata json not null, unique (stream, revision)
);
create index on naive.events (split_part(stream, '-', 1), position);
create function naive.append_locked(s text, id uuid, t text, v int, at text, d json, m json) returns bigint language plpgsql as $$
declare p bigint; begin
  perform pg_advisory_xact_lock(1);
  insert into naive.events (stream, revision, event_id, type, schema_version, recorded_at, data, metadata)
    values (s, 0, id, t, v, at, d, m) returning position into p;
  return p;
end $$;
`;

/** Makes the tables of the baselines. */
export async function createNaiveSchema(pool: Pool): Promise<void> {
  await pool.query(NAIVE_SCHEMA);
}

/** The product: group commit, dense positions. */
export const groupCommit = (store: EventStore): Variant => ({
  name: 'group commit',
  append: (stream, event) => store.append(stream, NO_STREAM, [event]),
});

/** Baseline: one insert per append, as many connections as callers. Readers that tail it miss events. */
export const plainInserts = (pool: Pool): Variant => ({
  name: 'plain inserts',
  append: (stream, event) =>
    pool.query({
      name: 'naive.insert',
      text: `insert into naive.events (stream, revision, event_id, type, schema_version, recorded_at, data, metadata)
             values ($1, 0, $2, $3, $4, $5, $6, $7) returning position`,
      values: valuesOf(stream, event),
    }),
});

/** Baseline: the usual repair, one advisory lock per append, so that positions become visible in their order. */
export const lockPerAppend = (pool: Pool): Variant => ({
  name: 'lock per append',
  append: (stream, event) =>
    pool.query({
      name: 'naive.locked',
      text: 'select naive.append_locked($1, $2, $3, $4, $5, $6, $7)',
      values: valuesOf(stream, event),
    }),
});

function valuesOf(stream: string, { id, type, schemaVersion, recordedAt, data, metadata }: EventToAppend): unknown[] {
  return [stream, id, type, schemaVersion, recordedAt, JSON.stringify(data), JSON.stringify(metadata)];
}
