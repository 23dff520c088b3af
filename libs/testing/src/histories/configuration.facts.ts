import type {
  ConnectionEvent,
  ConnectionSettings,
  MappingRule,
  RoleSettings,
  TenantRegistered,
  TenantSettings,
} from '#libs/contracts';
import type { Fact } from './facts.js';
import { seededId } from './seeded-id.js';

/** Settings of a tenant with two directories. */
export const sampleTenantSettings: TenantSettings = {
  timeZone: 'Europe/Berlin',
  session: { idle: 'PT1H', max: 'PT12H' },
  guard: { maxLossPercent: 10 },
  retention: { refusals: 'P90D' },
  reactivation: { restoreWithin: 'P30D' },
  directories: [
    { id: 'staff', authority: {} },
    { id: 'partners', authority: {} },
  ],
};

/** The log begins. */
export function installationCreated(): Fact {
  const installation = seededId('installation');
  return {
    category: 'installation',
    tenant: 'installation',
    id: installation,
    event: () => ({ type: 'InstallationCreated', data: { installation, softwareVersion: '0.1.0' } }),
  };
}

/** A customer organisation is made known. */
export function tenantRegistered(tenant: string): Fact {
  return {
    category: 'tenant',
    tenant,
    id: tenant,
    event: (): TenantRegistered => ({
      type: 'TenantRegistered',
      data: { tenant, settings: sampleTenantSettings, reason: null },
    }),
  };
}

/** A role enters the catalogue, changes, or leaves it. */
export function roleDefined(role: string, settings: Partial<RoleSettings> = {}, tenant = 'acme'): Fact {
  return roleFact('RoleDefined', role, settings, tenant);
}

/** A role of the catalogue changes. */
export function roleChanged(role: string, settings: Partial<RoleSettings>, tenant = 'acme'): Fact {
  return roleFact('RoleChanged', role, settings, tenant);
}

/** A role leaves the catalogue. */
export function roleRetired(role: string, tenant = 'acme'): Fact {
  return {
    category: 'role',
    tenant,
    id: role,
    event: () => ({ type: 'RoleRetired', data: { role, reason: null } }),
  };
}

function roleFact(type: string, role: string, settings: Partial<RoleSettings>, tenant: string): Fact {
  const [application = role] = role.split('.');
  const whole: RoleSettings = {
    application,
    name: role,
    privileged: false,
    risk: 'low',
    maxDuration: null,
    ...settings,
  };
  return {
    category: 'role',
    tenant,
    id: role,
    event: () => ({ type, data: { role, settings: whole, owner: null, managedBy: 'config', reason: null } }),
  };
}

/** A rule that gives roles to a group. */
export const rule = (id: string, group: string, grant: readonly string[], version = 1): MappingRule => ({
  id,
  version,
  when: { group },
  grant: [...grant],
});

/** Settings of a SAML connection of acme, with rules. */
export function connectionSettingsWith(rules: readonly MappingRule[]): ConnectionSettings {
  return {
    protocol: 'saml',
    directory: 'staff',
    domains: ['acme.example'],
    jit: { create: true, update: 'everySignIn', required: ['email'], allowedDomains: ['acme.example'] },
    linking: 'none',
    subject: 'nameId',
    trustEmail: true,
    saml: {
      idpEntityId: 'http://idp.example/okta',
      ssoUrl: 'https://idp.example/sso',
      certificates: ['-----BEGIN CERTIFICATE-----\nfor tests\n-----END CERTIFICATE-----'],
      spEntityId: null,
      allowIdpInitiated: false,
      requireSigned: 'assertion',
      clockSkew: 'PT60S',
    },
    attributes: { userName: 'nameId', email: 'email' },
    groups: { attribute: 'groups', whenMissing: 'unknown', names: {} },
    rules: [...rules],
  };
}

const onConnection = (connection: string, tenant: string, event: () => ConnectionEvent): Fact => ({
  category: 'connection',
  tenant,
  id: connection,
  event,
});

/** A SAML connection is made known. */
export function connectionRegistered(connection: string, rules: readonly MappingRule[] = [], tenant = 'acme'): Fact {
  return onConnection(connection, tenant, () => ({
    type: 'ConnectionRegistered',
    data: { connection, settings: connectionSettingsWith(rules), enabled: true, managedBy: 'config', reason: null },
  }));
}

/** The rules of a connection change. */
export function connectionChanged(connection: string, rules: readonly MappingRule[], tenant = 'acme'): Fact {
  return onConnection(connection, tenant, () => ({
    type: 'ConnectionChanged',
    data: {
      connection,
      settings: connectionSettingsWith(rules),
      changed: ['rules'],
      managedBy: 'config',
      reason: 'new team',
    },
  }));
}

/** A connection stops to admit people. */
export function connectionDisabled(connection: string, tenant = 'acme'): Fact {
  return onConnection(connection, tenant, () => ({ type: 'ConnectionDisabled', data: { connection, reason: null } }));
}
