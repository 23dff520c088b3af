import type { RoleDefined } from '#libs/contracts';
import { projection } from '../projecting/projection.js';
import { patch, put } from '../projecting/table.js';
import { type RoleRow, rolesTable } from './roles.table.js';

/** The catalogue of roles as it stood at every position. */
export const roles = projection('roles', 1, {
  sight: 'personal',
  tables: [rolesTable],
  categories: ['role'],
  on: {
    RoleDefined: ({ tenant, data }) => [put(rolesTable, liveRole(tenant, data))],
    RoleChanged: ({ tenant, data }) => [put(rolesTable, liveRole(tenant, data))],
    RoleRetired: ({ tenant, data }) => [patch(rolesTable, { tenant, role: data.role }, () => ({ status: 'retired' }))],
  },
});

function liveRole(tenant: string, { role, settings, owner, managedBy }: RoleDefined['data']): RoleRow {
  return {
    tenant,
    role,
    status: 'live',
    application: settings.application,
    name: settings.name,
    privileged: settings.privileged,
    risk: settings.risk,
    max_duration: settings.maxDuration,
    owner,
    managed_by: managedBy,
  };
}
