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
  }, 'must be an ISO-8601 duration of weeks, days, hours, minutes or seconds, such as PT8H')
  .meta({ title: 'duration' });

const timeZone = z
  .string()
  .refine((value) => {
    try {
      return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone !== '';
    } catch {
      return false;
    }
  }, 'must be a time zone such as Europe/Berlin')
  .meta({ title: 'time zone' });

const role = z.strictObject({
  id: id
    .refine((value) => !value.startsWith('gatebook.'), 'must not begin with gatebook.: those roles are built in')
    .describe('What rules and requests call the role; does not begin with `gatebook.`.'),
  application: id.describe('The application that the role belongs to.'),
  name: text(200).describe('What people read.'),
  privileged: z.boolean().default(false).describe('Whether the role lets people do what others should look at.'),
  risk: z.enum(['low', 'medium', 'high']).default('low').describe('How much harm the role can do.'),
  maxDuration: duration.nullable().default(null).describe('Longest life of a grant by hand; null for no limit.'),
  owner: text(320)
    .nullable()
    .default(null)
    .describe('Who answers for the role: a userName or a verified e-mail address, looked up when needed.'),
});

const rule = z.strictObject({
  id: id.describe('Unique in the connection. A rule that changes, or comes back, has a new version.'),
  when: z
    .union([z.literal('always'), z.strictObject({ group: text(512) })], 'must be always, or { group: NAME }')
    .describe(
      'Whom the rule is for: everybody, or the members of a group (by its name, where `groups.names` gives one).',
    ),
  grant: z.array(id).min(1).max(100).describe('Roles of this tenant, built-in ones included, that the rule gives.'),
});

const saml = z
  .strictObject({
    idpEntityId: text(1024).describe('Entity id of the identity provider, exactly as it writes it.'),
    ssoUrl: z
      .url({ protocol: /^https?$/ })
      .max(2048)
      .describe('Where people are sent to sign in.'),
    certificates: z
      .array(text(16_384))
      .min(1)
      .max(3)
      .describe('Certificates that may sign: the old, the current, the next. PEM text or a `file:` reference.'),
    spEntityId: text(1024)
      .nullable()
      .default(null)
      .describe('What the identity provider calls Gatebook; null for `GATEBOOK_PUBLIC_URL/saml/CONNECTION/metadata`.'),
    allowIdpInitiated: z
      .boolean()
      .default(false)
      .describe('Whether a sign-in may start at the identity provider; it then needs a signed response.'),
    requireSigned: z
      .enum(['either', 'assertion', 'response', 'both'])
      .default('either')
      .describe('What must bear a signature.'),
    clockSkew: duration.default('PT60S').describe('How far the clocks may disagree; at most `PT10M`.'),
  })
  .describe('How the identity provider is reached and recognised.');

const jit = z
  .strictObject({
    create: z.boolean().default(false).describe('Whether a person who has no account gets one at the first sign-in.'),
    update: z
      .enum(['never', 'fillEmpty', 'everySignIn'])
      .default('everySignIn')
      .describe('What a sign-in does to a profile that is there.'),
    required: z.array(attributeName).max(50).default([]).describe('Attributes without which nobody comes in.'),
    allowedDomains: z
      .array(domain)
      .max(200)
      .optional()
      .describe('E-mail domains that may come in; left out, those in `domains`; empty, any.'),
  })
  .prefault({})
  .describe('Just-in-time provisioning.');

const groups = z
  .strictObject({
    attribute: text(512).default('groups').describe('The claim that lists the groups.'),
    whenMissing: z
      .enum(['unknown', 'none'])
      .default('unknown')
      .describe('What it means when the claim is absent: unknown takes no role away, none takes them all.'),
    names: z.record(text(512), text(512)).default({}).describe('Group id → name, for sources that send ids.'),
  })
  .prefault({})
  .describe('How groups are read.');

const connection = z.strictObject({
  id: id.describe('Unique in the whole installation; stands in addresses. The id of a removed connection stays taken.'),
  protocol: z.literal('saml', 'must be saml').describe('How the source speaks.'),
  directory: id.describe('The directory of this tenant that accounts are made in.'),
  enabled: z.boolean().default(true).describe('Whether the connection admits people.'),
  domains: z
    .array(domain)
    .max(200)
    .default([])
    .describe('E-mail domains that the connection owns: they lead people to it, and bound what it may vouch for.'),
  jit,
  linking: z
    .enum(['none', 'externalId', 'verifiedEmail', 'userName'])
    .default('none')
    .describe('By what a new subject may be joined to an account that exists.'),
  subject: z
    .union(
      [z.literal('nameId'), z.strictObject({ attribute: text(512), caseInsensitive: z.boolean().default(false) })],
      'must be nameId, or { attribute: NAME, caseInsensitive?: true }',
    )
    .default('nameId')
    .describe('What tells one person of the source from another, for ever.'),
  trustEmail: z
    .boolean()
    .default(false)
    .describe('Whether an address that the source states inside `domains` counts as verified.'),
  saml,
  attributes: z
    .record(attributeName, text(512))
    .refine((mapping) => Object.keys(mapping).length <= ATTRIBUTES_MAX, `must map at most ${ATTRIBUTES_MAX} attributes`)
    .default({ userName: 'nameId' })
    .describe(
      `Profile attribute → claim; \`nameId\` stands for the NameID. \`userName\` must be mapped. At most ${ATTRIBUTES_MAX}; names that are not standard become attributes of your own.`,
    ),
  groups,
  rules: z.array(rule).max(500).default([]).describe('Which roles people get.'),
});

const directory = z.strictObject({
  id: id.describe('Unique in the tenant.'),
  authority: z
    .record(attributeName, z.array(id).max(20))
    .default({})
    .describe(
      'Attribute → connections in order of authority, `manual` for administrators; others follow the last sign-in.',
    ),
});

const tenant = z.strictObject({
  id: tenantId.describe('Unique in the installation; `installation` is reserved.'),
  timeZone: timeZone
    .default('UTC')
    .describe('For everything that has a day, such as `Europe/Berlin`. Kept for reports; nothing reads it yet.'),
  session: z
    .strictObject({
      idle: duration.default('PT1H').describe('A browser session ends after this time without a request.'),
      max: duration.default('PT12H').describe('A browser session ends after this time whatever happens.'),
    })
    .prefault({})
    .describe('Browser sessions.'),
  guard: z
    .strictObject({
      maxLossPercent: z
        .number()
        .min(0)
        .max(100)
        .default(10)
        .describe('A change that would end a greater share of a connection’s grants waits for confirmation.'),
    })
    .prefault({})
    .describe('Protection against mass loss.'),
  retention: z
    .strictObject({
      refusals: duration
        .default('P90D')
        .describe(
          'After this time what refused strangers said of themselves is made unreadable for good, a whole day (UTC) at a time.',
        ),
    })
    .prefault({})
    .describe('How long things are kept.'),
  reactivation: z
    .strictObject({
      restoreWithin: duration
        .default('P30D')
        .describe('An account suspended for longer gets nothing back: what it held is revoked when it is reactivated.'),
    })
    .prefault({})
    .describe('The return of suspended accounts.'),
  directories: z.array(directory).min(1).max(100).describe('User stores; each account lives in exactly one.'),
  roles: z.array(role).max(10_000).default([]).describe('The catalogue of roles, beside the built-in ones.'),
  connections: z.array(connection).max(1000).default([]).describe('Trusted sources of identities.'),
});

/** The configuration file, defaults filled in. What each key is for stands here and nowhere else: the reference is generated from it. */
export const configurationSchema = z.strictObject({
  apiVersion: z.literal('gatebook/v1', 'must be gatebook/v1').describe('The version of this format.'),
  tenants: z.array(tenant).max(1000).describe('The customer organisations.'),
});

/** A configuration as it is meant: every default filled in, files read. */
export type Configuration = z.infer<typeof configurationSchema>;
export type TenantConfiguration = Configuration['tenants'][number];
export type ConnectionConfiguration = TenantConfiguration['connections'][number];
