import type { TenantSettings } from '#libs/contracts';
import type { TenantConfiguration } from './configuration.schema.js';

/** A tenant's part of a configuration as the settings that are recorded. Secrets are fingerprints by then. */
export function tenantSettingsOf(tenant: TenantConfiguration): TenantSettings {
  const { timeZone, session, guard, retention, reactivation, directories, changeApproval, notices } = tenant;
  const applications = tenant.applications.map(({ id, name = id, owner }) => ({ id, name, owner }));
  const reports = tenant.reports.map((schedule) => ({ ...schedule, filter: { ...UNFILTERED, ...schedule.filter } }));
  return {
    timeZone,
    session,
    guard,
    retention,
    reactivation,
    directories,
    applications,
    changeApproval,
    notices,
    reports,
  };
}

const UNFILTERED = {
  account: null,
  role: null,
  application: null,
  connection: null,
  directory: null,
  department: null,
  privileged: null,
  review: null,
  policy: null,
} as const;
