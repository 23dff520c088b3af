import { z } from 'zod';
import { event, type PersonalField, type Upcaster } from '../event-entry.js';
import { REPORT_SCHEDULES_MAX, reportSchedule } from '../report-settings.js';
import { claimValue, instant, name, reason, sha256, uuid } from '../vocabulary.js';

/** Whatever a person writes may be about a person. */
const REASON: PersonalField = { path: 'reason', subject: 'stream' };

const duration = z.string().max(32);
const approvals = z.int().min(0).max(5);

/** What holds for a whole customer organisation, defaults filled in. Durations are ISO-8601. */
export const tenantSettings = z.strictObject({
  timeZone: z.string().max(64),
  session: z.strictObject({ idle: duration, max: duration }),
  guard: z.strictObject({ maxLossPercent: z.number().min(0).max(100) }),
  retention: z.strictObject({ refusals: duration }),
  reactivation: z.strictObject({ restoreWithin: duration }),
  directories: z
    .array(
      z.strictObject({
        id: name,
        /** Attribute → connections in order of authority (`manual` for administrators); attributes not named follow the last sign-in. */
        authority: z.record(z.string().max(64), z.array(name).max(20)),
      }),
    )
    .min(1)
    .max(100),
  applications: z
    .array(
      z.strictObject({
        id: name,
        name: z.string().min(1).max(200),
        /** A principal: userName or verified e-mail, resolved when used. */
        owner: claimValue.nullable(),
      }),
    )
    .max(1000),
  /** How many others must approve of a change of each kind; 0: nobody. */
  changeApproval: z.strictObject({
    connections: approvals,
    rules: approvals,
    policies: approvals,
    privilegedRoles: approvals,
  }),
  /** Where notices go beside the mailboxes of people; the secret is the fingerprint of a value in the vault. */
  notices: z.strictObject({
    webhook: z.strictObject({ url: z.url().max(2048), secret: z.string().max(100) }).nullable(),
  }),
  /** Reports that the clock asks for. */
  reports: z.array(reportSchedule).max(REPORT_SCHEDULES_MAX),
});

/** Before there were policies, nobody named owners of applications or asked for a second person. */
const liftTenant: Upcaster = (data) => {
  const { settings, ...rest } = data as { readonly settings: object };
  const changeApproval = { connections: 0, rules: 0, policies: 0, privilegedRoles: 0 };
  return { ...rest, settings: { ...settings, applications: [], changeApproval, notices: { webhook: null } } };
};

/** Before reports could be asked for by the clock, none were. */
const liftToSchedules: Upcaster = (data) => {
  const { settings, ...rest } = data as { readonly settings: object };
  return { ...rest, settings: { ...settings, reports: [] } };
};

const OWNERS: PersonalField = { path: 'settings.applications[].owner', subject: 'principal' };
const DEPARTMENTS: PersonalField = { path: 'settings.reports[].filter.department', subject: 'stream' };

export const installationCreated = event(
  'installation',
  'InstallationCreated',
  'the log begins: position 0 of every log',
  z.strictObject({ installation: uuid, softwareVersion: z.string().max(64) }),
);

export const databaseAttached = event(
  'installation',
  'DatabaseAttached',
  'an event store outside of the database is joined with the one database that holds its keys',
  z.strictObject({ database: uuid }),
);

export const configurationApplied = event(
  'configuration',
  'ConfigurationApplied',
  'a configuration file was turned into commands, all of which succeeded',
  z.strictObject({ hash: sha256, changes: z.int().nonnegative(), prune: z.boolean() }),
);

export const configurationHeld = event(
  'configuration',
  'ConfigurationHeld',
  'a configuration would take too much at once and waits for confirmation; the old state goes on',
  z.strictObject({ hash: sha256, losing: z.int().nonnegative(), of: z.int().nonnegative(), limitPercent: z.number() }),
);

export const tenantRegistered = event(
  'tenant',
  'TenantRegistered',
  'a customer organisation is made known',
  z.strictObject({ tenant: name, settings: tenantSettings, reason: reason.nullable() }),
  [OWNERS, DEPARTMENTS, REASON],
  [liftTenant, liftToSchedules],
);

export const tenantChanged = event(
  'tenant',
  'TenantChanged',
  'settings of a tenant change',
  z.strictObject({
    tenant: name,
    settings: tenantSettings,
    changed: z.array(z.string().max(80)).max(50),
    reason: reason.nullable(),
  }),
  [OWNERS, DEPARTMENTS, REASON],
  [liftTenant, liftToSchedules],
);

/** Rights of an API key. */
export const SCOPES = [
  'audit:read',
  'personal:read',
  'accounts:write',
  'connections:write',
  'reviews:decide',
  'elevations:write',
  'reports:write',
  'act-as',
  'admin',
] as const;
export const scope = z.enum(SCOPES);

export const apiKeyCreated = event(
  'apiKey',
  'ApiKeyCreated',
  'an API key is made; its secret was shown once',
  z.strictObject({
    key: uuid,
    name: z.string().min(1).max(100),
    scopes: z.array(scope).min(1).max(20),
    expiresAt: instant,
    /** SHA-256 of a 256-bit random secret. */
    secretSha256: sha256,
    reason,
  }),
  [REASON],
);

export const apiKeyRevoked = event(
  'apiKey',
  'ApiKeyRevoked',
  'an API key stops to work',
  z.strictObject({ key: uuid, reason }),
  [REASON],
);

/** Before a customer's administrator could set up a connection by a link, links were for keys alone. */
const liftIssued: Upcaster = (data) => ({ ...(data as object), connection: null });
const liftUsed: Upcaster = (data) => ({ ...(data as object), browserSha256: null });

export const setupLinkIssued = event(
  'setupLink',
  'SetupLinkIssued',
  'a one-time link for an administrator is made: at the first start, by recovery on the host, or to set up one connection',
  z.strictObject({
    link: uuid,
    purpose: z.enum(['setup', 'recovery', 'connection']),
    /** The one that is set up; such a link belongs to the connection's tenant. Null for the other purposes. */
    connection: name.nullable(),
    tokenSha256: sha256,
    expiresAt: instant,
  }),
  [],
  [liftIssued],
);

export const setupLinkUsed = event(
  'setupLink',
  'SetupLinkUsed',
  'a one-time link is used up; it gave the key named here, or one browser the set-up page of a connection',
  z.strictObject({
    link: uuid,
    key: uuid.nullable(),
    /** SHA-256 of what that browser's cookie holds: it alone sees the page until the link's time is over. */
    browserSha256: sha256.nullable(),
  }),
  [],
  [liftUsed],
);

/** How one table of the read model differs from what the log says. */
const tableDifferences = z.strictObject({
  table: z.string().max(100),
  rows: z.int().nonnegative(),
  /** Rows that the table lacks; that only it has; that it has with other content. */
  missing: z.int().nonnegative(),
  surplus: z.int().nonnegative(),
  changed: z.int().nonnegative(),
});

export const projectionVerified = event(
  'projectionVerification',
  'ProjectionVerified',
  'a projection was rebuilt from the log beside the read model and compared with it',
  z.strictObject({
    projection: z.string().max(64),
    version: z.int().positive(),
    /** Position of the sealed log up to which both were compared; -1 for an empty one. */
    position: z.int().min(-1),
    /** Of what was rebuilt. */
    digest: sha256,
    durationMs: z.int().nonnegative(),
    /** One for each table, also where nothing differs. */
    differences: z.array(tableDifferences).max(20),
    /** Streams that wait at the live projection: their rows are not complete. */
    parkedStreams: z.int().nonnegative(),
  }),
);

/** The shapes above as types. */
export type TenantSettings = z.infer<typeof tenantSettings>;
export type Scope = z.infer<typeof scope>;
