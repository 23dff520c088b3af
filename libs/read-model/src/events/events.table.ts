import { type Table, table } from '../projecting/table.js';

/** Where a sealed event is and what it is about; never its body. */
export interface EventRow {
  readonly position: number;
  readonly tenant: string;
  readonly tenant_position: number;
  readonly event_id: string;
  readonly type: string;
  readonly stream: string;
  readonly revision: number;
  readonly recorded_at: string;
  readonly sealed_at: string;
  readonly account: string | null;
  /** `kind:id`. */
  readonly actor: string;
  readonly connection: string | null;
}

/** Index of the sealed log: every event of it, one row each. */
export const eventsTable: Table<EventRow> = table<EventRow>('events_v1', 'appended', ['position'], {
  position: true,
  tenant: true,
  tenant_position: true,
  event_id: true,
  type: true,
  stream: true,
  revision: true,
  recorded_at: true,
  sealed_at: true,
  account: true,
  actor: true,
  connection: true,
});

/** `recorded_at` serves searches; what answers show is the event's own text. `sealed_at` is kept as it was stamped. */
export const EVENTS_SQL = `
create table read_model.events_v1 (
  position bigint primary key,
  tenant text not null,
  tenant_position bigint not null,
  event_id uuid not null unique,
  type text not null,
  stream text not null,
  revision int not null,
  recorded_at timestamptz not null,
  sealed_at text not null,
  account uuid,
  actor text not null,
  connection text
);
create index events_v1_by_tenant on read_model.events_v1 (tenant, position);
create index events_v1_by_account on read_model.events_v1 (account, position) where account is not null;
create index events_v1_by_type on read_model.events_v1 (type, position);
create index events_v1_by_connection on read_model.events_v1 (connection, position) where connection is not null;
create index events_v1_by_actor on read_model.events_v1 (actor, position);
create index events_v1_by_time on read_model.events_v1 (recorded_at);
`;
