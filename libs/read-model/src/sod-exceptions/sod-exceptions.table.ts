import { type Table, table } from '../projecting/table.js';

/** Permission to hold conflicting roles for a time, as it stands. */
export interface SodExceptionRow {
  readonly tenant: string;
  readonly exception: string;
  readonly policy: string;
  readonly account: string;
  readonly owner: string;
  readonly control: string;
  readonly ends_at: string;
  readonly reason: string;
  readonly granted_by: string | null;
  readonly granted_at: string;
  /** Position of the event that gave it; the order of lists. */
  readonly granted_pos: number;
  readonly granted_event: string;
  readonly status: 'open' | 'ended';
  readonly ended_at: string | null;
  readonly ended_code: string | null;
  readonly ended_by: string | null;
}

/** Exceptions from segregation of duties as they stand. */
export const sodExceptionsTable: Table<SodExceptionRow> = table<SodExceptionRow>(
  'sod_exceptions_v1',
  'keyed',
  ['tenant', 'exception'],
  {
    tenant: true,
    exception: true,
    policy: true,
    account: true,
    owner: true,
    control: true,
    ends_at: true,
    reason: true,
    granted_by: true,
    granted_at: true,
    granted_pos: true,
    granted_event: true,
    status: true,
    ended_at: true,
    ended_code: true,
    ended_by: true,
  },
);

/** Exceptions in order, and those that end next. */
export const SOD_EXCEPTIONS_SQL = `
create table read_model.sod_exceptions_v1 (
  tenant text not null,
  exception uuid not null,
  policy text not null,
  account uuid not null,
  owner text not null,
  control text not null,
  ends_at timestamptz not null,
  reason text not null,
  granted_by uuid,
  granted_at timestamptz not null,
  granted_pos bigint not null,
  granted_event uuid not null,
  status text not null,
  ended_at timestamptz,
  ended_code text,
  ended_by uuid,
  position bigint not null,
  primary key (exception, tenant)
);
create unique index sod_exceptions_v1_in_order on read_model.sod_exceptions_v1 (tenant, granted_pos);
create index sod_exceptions_v1_by_account on read_model.sod_exceptions_v1 (tenant, account, granted_pos);
create index sod_exceptions_v1_ending on read_model.sod_exceptions_v1 (ends_at, exception) where status = 'open';
`;
