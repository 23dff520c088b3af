import { type Table, table } from '../projecting/table.js';

/** An event said that somebody used an application, or a role of it. */
export interface RecordedUseRow {
  readonly tenant: string;
  readonly position: number;
  readonly account: string;
  readonly application: string;
  /** Empty where the source speaks of the application as a whole. */
  readonly role: string;
  /** `op` for a sign-in to the application here, else the name that the source gives itself. */
  readonly source: string;
  /** The latest use that the event tells of. */
  readonly used_at: string;
}

/** Every word of use with its position, so that what was known of it at any time can be told; `uses` says which days there are now. */
export const recordedUsesTable: Table<RecordedUseRow> = table<RecordedUseRow>(
  'recorded_uses_v1',
  'appended',
  ['tenant', 'position', 'account', 'application', 'role'],
  { tenant: true, position: true, account: true, application: true, role: true, source: true, used_at: true },
);

/** Uses of applications, each with the event that told of it. */
export const RECORDED_USES_SQL = `
create table read_model.recorded_uses_v1 (
  tenant text not null,
  position bigint not null,
  account uuid not null,
  application text not null,
  role text not null,
  source text not null,
  used_at timestamptz not null,
  primary key (account, application, role, position, tenant)
);
create index recorded_uses_v1_latest on read_model.recorded_uses_v1 (tenant, account, application, role, used_at);
`;
