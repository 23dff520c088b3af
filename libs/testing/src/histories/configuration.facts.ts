import {
  type ConnectionEvent,
  type ConnectionSettings,
  type MappingRule,
  type MetadataFacts,
  type OAuth2Connection,
  type OidcConnection,
  type RoleSettings,
  type SamlConnection,
  SETTINGS_BEFORE_PROTOCOLS,
  type TenantRegistered,
  type TenantSettings,
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
  applications: [],
  changeApproval: { connections: 0, rules: 0, policies: 0, privilegedRoles: 0 },
  notices: { webhook: null },
  reports: [],
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

/** A rule that gives roles to a group; `over` says whatever else it says. */
export const rule = (
  id: string,
  group: string,
  grant: readonly string[],
  version = 1,
  over: Partial<MappingRule> = {},
): MappingRule => ({
  id,
  version,
  when: { group },
  grant: [...grant],
  set: {},
  directory: null,
  refuse: false,
  ...over,
});

const sampleSaml: SamlConnection = {
  idpEntityId: 'http://idp.example/okta',
  ssoUrl: 'https://idp.example/sso',
  certificates: ['-----BEGIN CERTIFICATE-----\nfor tests\n-----END CERTIFICATE-----'],
  spEntityId: null,
  allowIdpInitiated: false,
  requireSigned: 'assertion',
  clockSkew: 'PT60S',
  requestBinding: 'redirect',
  signRequests: false,
  forceAuthn: false,
  requestedAuthnContext: [],
  encryption: 'refuse',
  allowCbc: false,
  sloUrl: null,
  sloBinding: 'redirect',
  metadata: null,
};

/** What the metadata of an identity provider of tests says. */
export const sampleMetadata: MetadataFacts = {
  idpEntityId: 'http://idp.example/okta',
  ssoUrl: 'https://idp.example/sso',
  requestBinding: 'redirect',
  sloUrl: null,
  sloBinding: 'redirect',
  certificates: sampleSaml.certificates,
  validUntil: null,
};

/** OpenID Connect as a connection of tests speaks it. */
export const sampleOidc: OidcConnection = {
  issuer: 'https://op.example',
  clientId: 'gatebook',
  clientSecret: null,
  tokenEndpointAuthMethod: 'client_secret_basic',
  scopes: ['openid', 'profile', 'email'],
  userinfo: false,
  tenants: [],
  hostedDomains: [],
  identifyBy: 'sub',
  acrValues: [],
  prompt: null,
  maxAge: null,
  algorithms: ['RS256', 'PS256', 'ES256'],
  clockSkew: 'PT60S',
  graph: null,
};

/** OAuth 2.0 with a profile, as a connection of tests speaks it. */
export const sampleOAuth2: OAuth2Connection = {
  authorizationUrl: 'https://op.example/authorize',
  tokenUrl: 'https://op.example/token',
  profileUrl: 'https://op.example/me',
  emailsUrl: null,
  issuer: null,
  clientId: 'gatebook',
  clientSecret: null,
  scopes: [],
  subject: 'id',
  email: 'email',
  emailVerified: null,
};

/** What may be said of a connection in a test: blocks that are given in part are completed. */
export type ConnectionOverrides = Partial<Omit<ConnectionSettings, 'saml' | 'jit' | 'groups' | 'admission'>> & {
  readonly saml?: Partial<SamlConnection> | null;
  readonly jit?: Partial<ConnectionSettings['jit']>;
  readonly groups?: Partial<ConnectionSettings['groups']>;
  readonly admission?: Partial<ConnectionSettings['admission']>;
};

/** Settings of a connection of acme: SAML, unless said otherwise, that makes accounts and has no rules. */
export function connectionSettings({
  saml,
  jit,
  groups,
  admission,
  ...over
}: ConnectionOverrides = {}): ConnectionSettings {
  return {
    ...SETTINGS_BEFORE_PROTOCOLS,
    protocol: 'saml',
    directory: 'staff',
    domains: ['acme.example'],
    linking: 'none',
    subject: 'nameId',
    trustEmail: true,
    attributes: { userName: 'nameId', email: 'email' },
    rules: [],
    ...over,
    saml: saml === null ? null : { ...sampleSaml, ...saml },
    jit: {
      create: true,
      update: 'everySignIn',
      required: ['email'],
      allowedDomains: ['acme.example'],
      lease: null,
      ...jit,
    },
    groups: {
      attribute: 'groups',
      whenMissing: 'unknown',
      names: {},
      split: null,
      strip: null,
      form: 'asIs',
      ...groups,
    },
    admission: {
      requireGroup: [],
      requireAuthenticationContext: [],
      allow: [],
      refuse: [],
      invitationOnly: false,
      ...admission,
    },
  };
}

/** Settings of a SAML connection of acme, with rules. */
export const connectionSettingsWith = (rules: readonly MappingRule[]): ConnectionSettings =>
  connectionSettings({ rules: [...rules] });

const onConnection = (connection: string, tenant: string, event: () => ConnectionEvent): Fact => ({
  category: 'connection',
  tenant,
  id: connection,
  event,
});

/** A SAML connection is made known. */
export function connectionRegistered(
  connection: string,
  rules: readonly MappingRule[] = [],
  tenant = 'acme',
  over: ConnectionOverrides = {},
): Fact {
  const settings = connectionSettings({ ...over, rules: [...rules] });
  return onConnection(connection, tenant, () => ({
    type: 'ConnectionRegistered',
    data: { connection, settings, enabled: true, managedBy: 'config', reason: null },
  }));
}

/** The rules of a connection change. */
export function connectionChanged(
  connection: string,
  rules: readonly MappingRule[],
  tenant = 'acme',
  over: ConnectionOverrides = {},
): Fact {
  const settings = connectionSettings({ ...over, rules: [...rules] });
  return onConnection(connection, tenant, () => ({
    type: 'ConnectionChanged',
    data: { connection, settings, changed: ['rules'], managedBy: 'config', reason: 'new team' },
  }));
}

/** The metadata of a connection's identity provider says something new. */
export function connectionMetadataRefreshed(
  connection: string,
  url: string,
  facts: Partial<MetadataFacts> = {},
  tenant = 'acme',
): Fact {
  return onConnection(connection, tenant, () => ({
    type: 'ConnectionMetadataRefreshed',
    data: {
      connection,
      url,
      documentSha256: '0'.repeat(64),
      facts: { ...sampleMetadata, ...facts },
      changed: Object.keys(facts).length > 0 ? Object.keys(facts) : ['refusal'],
    },
  }));
}

/** A connection stops to admit people. */
export function connectionDisabled(connection: string, tenant = 'acme'): Fact {
  return onConnection(connection, tenant, () => ({ type: 'ConnectionDisabled', data: { connection, reason: null } }));
}
