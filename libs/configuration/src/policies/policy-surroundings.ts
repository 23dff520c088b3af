import type { CatalogView } from '#libs/catalog';
import { builtInRoles } from '../built-in-roles.js';
import type { KnownToPolicies } from './policy-checks.js';

/** What a policy of a tenant may refer to as things stand: live roles, applications that are named or have roles, connections. */
export function knownToPolicies(view: CatalogView, tenant: string): KnownToPolicies {
  const live = view.roles(tenant).filter(({ status }) => status === 'live');
  const roles = [...live, ...builtInRoles()].flatMap(({ id, settings }) => (settings ? [{ id, ...settings }] : []));
  const named = view.tenant(tenant)?.settings?.applications ?? [];
  return {
    roles: new Map(roles.map((role) => [role.id, role])),
    applications: new Set([...roles.map(({ application }) => application), ...named.map(({ id }) => id)]),
    connections: new Set(view.connections(tenant).map(({ id }) => id)),
  };
}
