import { builtInRoles } from './built-in-roles.js';
import type { Configuration, ConnectionConfiguration, TenantConfiguration } from './configuration.schema.js';

type Report = (path: readonly PropertyKey[], problem: string) => void;

/** Checks what one key alone cannot show: ids that must be unique, and references to things that the file must define. */
export function crossReferences({ tenants }: Configuration, report: Report): void {
  unique(tenants, ['tenants'], report);
  const connections = new Set<string>();
  tenants.forEach((tenant, index) => {
    const path = ['tenants', index];
    checkTenant(tenant, path, report);
    tenant.connections.forEach(({ id }, at) => {
      if (connections.has(id))
        report([...path, 'connections', at, 'id'], `${id} is taken: connection ids are unique in the installation`);
      connections.add(id);
    });
  });
}

function checkTenant(tenant: TenantConfiguration, path: readonly PropertyKey[], report: Report): void {
  unique(tenant.directories, [...path, 'directories'], report);
  unique(tenant.roles, [...path, 'roles'], report);
  const directories = new Set(tenant.directories.map(({ id }) => id));
  const roles = new Set([...tenant.roles, ...builtInRoles()].map(({ id }) => id));
  tenant.connections.forEach((connection, index) => {
    const at = [...path, 'connections', index];
    if (!directories.has(connection.directory))
      report([...at, 'directory'], `${connection.directory} is not a directory of this tenant`);
    checkRules(connection, at, roles, report);
  });
}

function checkRules(
  { rules, attributes }: ConnectionConfiguration,
  path: readonly PropertyKey[],
  roles: ReadonlySet<string>,
  report: Report,
): void {
  if (!('userName' in attributes)) report([...path, 'attributes'], 'must map userName: every account needs one');
  unique(rules, [...path, 'rules'], report);
  rules.forEach((rule, index) => {
    rule.grant.forEach((role, at) => {
      if (!roles.has(role)) report([...path, 'rules', index, 'grant', at], `${role} is not a role of this tenant`);
    });
  });
}

function unique(items: readonly { readonly id: string }[], path: readonly PropertyKey[], report: Report): void {
  const seen = new Set<string>();
  items.forEach(({ id }, index) => {
    if (seen.has(id)) report([...path, index, 'id'], `${id} is there twice`);
    seen.add(id);
  });
}
