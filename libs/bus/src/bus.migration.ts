/**
 * Schema `bus`: how far the sealed log is published to Kafka, one row per topic; arrays by partition. Sequences, positions and offsets
 * are those of the last event, and record, of each partition, -1 for none.
 */
const sql = `
create schema bus;

create table bus.publishing (
  topic text primary key,
  installation uuid not null,
  position bigint not null check (position >= -1),
  store_position bigint not null,
  sequences bigint[] not null check (cardinality(sequences) = 12),
  positions bigint[] not null check (cardinality(positions) = 12),
  offsets bigint[] not null check (cardinality(offsets) = 12),
  updated_at timestamptz not null default clock_timestamp()
);
`;

/** Migrations of the bus, in order. */
export const busMigrations = [{ name: '0600-bus', sql }] as const;
