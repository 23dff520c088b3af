import { z } from 'zod';
import { NAME_PATTERN } from '#libs/contracts';
import { durationMs } from '#libs/kernel';

const NAME_HINT = 'must match [a-z0-9][a-z0-9._-]{0,62}';
const id = z.string().regex(NAME_PATTERN, NAME_HINT);
const tenantId = id.refine((value) => value !== 'installation', 'is reserved for the installation itself');
const text = (max: number) => z.string().min(1).max(max);
const domain = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/, 'must be a domain name in lower case');
const attributeName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9._-]{0,63}$/, 'must be a letter followed by letters, digits, dots, dashes or underscores');

/** Longest text of a duration, in characters. */
const DURATION_LENGTH_MAX = 32;

/** Most attributes that one connection maps. */
const ATTRIBUTES_MAX = 100;

const duration = z
  .string()
  .max(DURATION_LENGTH_MAX)
  .refine((value) => {
    try {
      return durationMs(value) > 0;
    } catch {
      return false;
    }
  }, 'must be an ISO-8601 duration of weeks, days, hours, minutes or seconds, such as PT8H');

const timeZone = z.string().refine((value) => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}, 'must be a time zone such as Europe/Berlin');

const role = z.strictObject({
  id: id.refine((value) => !value.startsWith('gatebook.'), 'must not begin with gatebook.: those roles are built in'),
  application: id,
  name: text(200),
  privileged: z.boolean().default(false),
  risk: z.enum(['low', 'medium', 'high']).default('low'),
  maxDuration: duration.nullable().default(null),
  owner: text(320).nullable().default(null),
});

const rule = z.strictObject({
  id,
  when: z.union([z.literal('always'), z.strictObject({ group: text(512) })], 'must be always, or { group: NAME }'),
  grant: z.array(id).min(1).max(100),
});

const saml = z.strictObject({
  idpEntityId: text(1024),
  ssoUrl: z.url({ protocol: /^https?$/ }).max(2048),
  certificates: z.array(text(16_384)).min(1).max(3),
  spEntityId: text(1024).nullable().default(null),
  allowIdpInitiated: z.boolean().default(false),
  requireSigned: z.enum(['either', 'assertion', 'response', 'both']).default('either'),
  clockSkew: duration.default('PT60S'),
});

const connection = z.strictObject({
  id,
  protocol: z.literal('saml', 'must be saml'),
  directory: id,
  enabled: z.boolean().default(true),
  domains: z.array(domain).max(200).default([]),
  jit: z
    .strictObject({
      create: z.boolean().default(false),
      update: z.enum(['never', 'fillEmpty', 'everySignIn']).default('everySignIn'),
      required: z.array(attributeName).max(50).default([]),
      allowedDomains: z.array(domain).max(200).optional(),
    })
    .prefault({}),
  linking: z.enum(['none', 'externalId', 'verifiedEmail', 'userName']).default('none'),
  subject: z
    .union(
      [z.literal('nameId'), z.strictObject({ attribute: text(512), caseInsensitive: z.boolean().default(false) })],
      'must be nameId, or { attribute: NAME, caseInsensitive?: true }',
    )
    .default('nameId'),
  trustEmail: z.boolean().default(false),
  saml,
  attributes: z
    .record(attributeName, text(512))
    .refine((mapping) => Object.keys(mapping).length <= ATTRIBUTES_MAX, `must map at most ${ATTRIBUTES_MAX} attributes`)
    .default({ userName: 'nameId' }),
  groups: z
    .strictObject({
      attribute: text(512).default('groups'),
      whenMissing: z.enum(['unknown', 'none']).default('unknown'),
      names: z.record(text(512), text(512)).default({}),
    })
    .prefault({}),
  rules: z.array(rule).max(500).default([]),
});

const directory = z.strictObject({ id, authority: z.record(attributeName, z.array(id).max(20)).default({}) });

const tenant = z.strictObject({
  id: tenantId,
  timeZone: timeZone.default('UTC'),
  session: z.strictObject({ idle: duration.default('PT1H'), max: duration.default('PT12H') }).prefault({}),
  guard: z.strictObject({ maxLossPercent: z.number().min(0).max(100).default(10) }).prefault({}),
  retention: z.strictObject({ refusals: duration.default('P90D') }).prefault({}),
  reactivation: z.strictObject({ restoreWithin: duration.default('P30D') }).prefault({}),
  directories: z.array(directory).min(1).max(100),
  roles: z.array(role).max(10_000).default([]),
  connections: z.array(connection).max(1000).default([]),
});

/** The configuration file, defaults filled in. */
export const configurationSchema = z.strictObject({
  apiVersion: z.literal('gatebook/v1', 'must be gatebook/v1'),
  tenants: z.array(tenant).max(1000),
});

/** A configuration as it is meant: every default filled in, files read. */
export type Configuration = z.infer<typeof configurationSchema>;
export type TenantConfiguration = Configuration['tenants'][number];
export type ConnectionConfiguration = TenantConfiguration['connections'][number];
