import type { ConnectionSettings } from '#libs/contracts';
import { type Table, table } from '../projecting/table.js';

/** One version of a connection; switching it on or off makes a row, not a version. */
export interface ConnectionRow {
  readonly tenant: string;
  readonly connection: string;
  /** Rises by one with every change of settings; 1 at first. */
  readonly version: number;
  readonly enabled: boolean;
  readonly removed: boolean;
  readonly settings: ConnectionSettings;
  readonly managed_by: string;
  /** The event that made these settings. */
  readonly settings_event: string;
}

/** Connections, every version of them. */
export const connectionsTable: Table<ConnectionRow> = table<ConnectionRow>(
  'connections_v2',
  'versioned',
  ['tenant', 'connection'],
  {
    tenant: true,
    connection: true,
    version: true,
    enabled: true,
    removed: true,
    settings: true,
    managed_by: true,
    settings_event: true,
  },
);

/** Every version of every connection, and which rule was given which form when. */
export const CONNECTIONS_SQL = `
create table read_model.connections_v1 (
  tenant text not null,
  connection text not null,
  from_pos bigint not null,
  to_pos bigint,
  version int not null,
  enabled boolean not null,
  removed boolean not null,
  settings jsonb not null,
  managed_by text not null,
  settings_event uuid not null,
  primary key (tenant, connection, from_pos)
);
`;

/**
 * Rows of version 1 hold settings as they were recorded, so those from before other protocols than SAML lack what is read today. The new
 * table is filled from the log, which lifts them. The old one stays for processes of the version before, that run until they are replaced.
 */
export const CONNECTIONS_2_SQL = `
create table read_model.connections_v2 (like read_model.connections_v1 including all);
`;
