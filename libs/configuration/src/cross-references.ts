import { builtInRoles } from './built-in-roles.js';
import { checkClient } from './client-checks.js';
import type { Configuration, TenantConfiguration } from './configuration.schema.js';
import { checkConnection, unique } from './connection-checks.js';
import { checkPolicy } from './policies/policy-checks.js';
import { checkReportSchedule } from './reports/report-schedule-checks.js';
import type { Report } from './yaml-text.js';

/** Checks what one key alone cannot show: ids that must be unique, and references to things that the file must define. */
export function crossReferences({ tenants }: Configuration, report: Report): void {
  unique(tenants, ['tenants'], report);
  const connections = new Set<string>();
  const clients = new Set<string>();
  tenants.forEach((tenant, index) => {
    const path = ['tenants', index];
    checkTenant(tenant, path, report);
    tenant.connections.forEach(({ id }, at) => {
      if (connections.has(id))
        report([...path, 'connections', at, 'id'], `${id} is taken: connection ids are unique in the installation`);
      connections.add(id);
    });
    tenant.clients.forEach(({ clientId }, at) => {
      if (clients.has(clientId))
        report([...path, 'clients', at, 'clientId'], `${clientId} is taken: client ids are unique in the installation`);
      clients.add(clientId);
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
    checkConnection(connection, { directories, roles }, (inside, problem) => report([...at, ...inside], problem));
  });
  const known = {
    connections: new Set(tenant.connections.map(({ id }) => id)),
    applications: new Set([...tenant.roles.map(({ application }) => application), 'gatebook']),
  };
  tenant.clients.forEach((client, index) => {
    checkClient(client, known, (inside, problem) => report([...path, 'clients', index, ...inside], problem));
  });
  checkPolicies(tenant, path, report);
  checkReports(tenant, { ...known, roles, directories }, path, report);
}

function checkReports(
  tenant: TenantConfiguration,
  known: Readonly<Record<'roles' | 'applications' | 'connections' | 'directories', ReadonlySet<string>>>,
  path: readonly PropertyKey[],
  report: Report,
): void {
  unique(tenant.reports, [...path, 'reports'], report);
  const namable = {
    role: known.roles,
    application: new Set([...known.applications, ...tenant.applications.map(({ id }) => id)]),
    connection: known.connections,
    directory: known.directories,
    policy: new Set(tenant.policies.map(({ id }) => id)),
  };
  tenant.reports.forEach((schedule, index) => {
    checkReportSchedule(schedule, namable, (inside, problem) =>
      report([...path, 'reports', index, ...inside], problem),
    );
  });
}

function checkPolicies(tenant: TenantConfiguration, path: readonly PropertyKey[], report: Report): void {
  unique(tenant.applications, [...path, 'applications'], report);
  unique(tenant.policies, [...path, 'policies'], report);
  const builtIn = builtInRoles().map(({ id, settings }) => ({ id, ...settings }));
  const roles = [...tenant.roles, ...builtIn];
  const known = {
    roles: new Map(roles.map((role) => [role.id, role])),
    applications: new Set([...roles.map(({ application }) => application), ...tenant.applications.map(({ id }) => id)]),
    connections: new Set(tenant.connections.map(({ id }) => id)),
  };
  tenant.policies.forEach((policy, index) => {
    checkPolicy(policy, known, (inside, problem) => report([...path, 'policies', index, ...inside], problem));
  });
}
