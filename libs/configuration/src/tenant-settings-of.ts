import type { TenantSettings } from '#libs/contracts';
import type { TenantConfiguration } from './configuration.schema.js';

/** A tenant's part of a configuration as the settings that are recorded. Secrets are fingerprints by then. */
export function tenantSettingsOf(tenant: TenantConfiguration): TenantSettings {
  const { timeZone, session, guard, retention, reactivation, directories, changeApproval, notices } = tenant;
  const applications = tenant.applications.map(({ id, name = id, owner }) => ({ id, name, owner }));
  return { timeZone, session, guard, retention, reactivation, directories, applications, changeApproval, notices };
}
