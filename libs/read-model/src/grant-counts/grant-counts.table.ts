import { type Table, table } from '../projecting/table.js';

/** How many grants of a role an event gave and ended. */
export interface GrantCountRow {
  readonly tenant: string;
  readonly position: number;
  readonly role: string;
  readonly account: string;
  readonly recorded_at: string;
  readonly given: number;
  readonly ended: number;
}

/**
 * The log's own tally of grants, kept apart from `grants`: whoever lists grants can say that none is missing, since a row that is lost there
 * is still counted here.
 */
export const grantCountsTable: Table<GrantCountRow> = table<GrantCountRow>(
  'grant_counts_v1',
  'appended',
  ['tenant', 'position', 'role'],
  { tenant: true, position: true, role: true, account: true, recorded_at: true, given: true, ended: true },
);

/** How many grants each event gave and ended. */
export const GRANT_COUNTS_SQL = `
create table read_model.grant_counts_v1 (
  tenant text not null,
  position bigint not null,
  role text not null,
  account uuid not null,
  recorded_at timestamptz not null,
  given int not null,
  ended int not null,
  primary key (tenant, position, role)
);
`;
