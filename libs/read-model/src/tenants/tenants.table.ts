import type { TenantSettings } from '#libs/contracts';
import { type Table, table } from '../projecting/table.js';

/** A customer organisation as it stands. */
export interface TenantRow {
  readonly tenant: string;
  readonly settings: TenantSettings;
}

/** Tenants as they stand. */
export const tenantsTable: Table<TenantRow> = table<TenantRow>('tenants_v1', 'keyed', ['tenant'], {
  tenant: true,
  settings: true,
});

export const TENANTS_SQL = `
create table read_model.tenants_v1 (
  tenant text primary key,
  settings jsonb not null,
  position bigint not null
);
`;
