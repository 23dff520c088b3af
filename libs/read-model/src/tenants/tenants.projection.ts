import { projection } from '../projecting/projection.js';
import { put } from '../projecting/table.js';
import { tenantsTable } from './tenants.table.js';

/** Which tenants there are. */
export const tenants = projection('tenants', 1, {
  sight: 'facts',
  tables: [tenantsTable],
  categories: ['tenant'],
  on: {
    TenantRegistered: ({ data: { tenant, settings } }) => [put(tenantsTable, { tenant, settings })],
    TenantChanged: ({ data: { tenant, settings } }) => [put(tenantsTable, { tenant, settings })],
  },
});
