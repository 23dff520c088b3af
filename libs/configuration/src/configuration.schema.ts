import { z } from 'zod';
import { REPORT_SCHEDULES_MAX } from '#libs/contracts';
import { client } from './client.schema.js';
import { connection } from './connection.schema.js';
import { policy } from './policies/policy.schema.js';
import { reportSchedule } from './reports/report-schedule.schema.js';
import { attributeName, duration, id, isTimeZone, secret, text, url } from './schema-parts.js';

const tenantId = id.refine((value) => value !== 'installation', 'is reserved for the installation itself');

const timeZone = z
  .string()
  .refine(isTimeZone, 'must be a time zone such as Europe/Berlin')
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

const directory = z.strictObject({
  id: id.describe('Unique in the tenant.'),
  authority: z
    .record(attributeName, z.array(id).max(20))
    .default({})
    .describe(
      'Attribute → connections in order of authority, `manual` for administrators; others follow the last sign-in.',
    ),
});

const SIGNING_SECRET =
  'Signs each notice (HMAC-SHA-256): an `env:` or `file:` reference in the file, or the `hmac:` fingerprint of one that is stored.';

const application = z.strictObject({
  id: id.describe('What roles call it in `application`. One that is not listed here is known by its roles alone.'),
  name: text(200).optional().describe('What people read; left out, the id.'),
  owner: text(320)
    .nullable()
    .default(null)
    .describe('Who answers for the application: a userName or a verified e-mail address, looked up when needed.'),
});

const approvals = z.int().min(0).max(5).default(0);

const changeApproval = z
  .strictObject({
    connections: approvals.describe('Of a connection, beside its rules.'),
    rules: approvals.describe('Of the rules of a connection.'),
    policies: approvals.describe('Of a policy.'),
    privilegedRoles: approvals.describe('Of a role that is privileged before or after.'),
  })
  .prefault({})
  .describe('How many others must approve of a change that somebody makes through the API; 0: nobody.');

const notices = z
  .strictObject({
    webhook: z
      .strictObject({ url: url.describe('Where notices are sent.'), secret: secret.describe(SIGNING_SECRET) })
      .nullable()
      .default(null)
      .describe('A receiver of notices beside the mailboxes of people; every notice is signed.'),
  })
  .prefault({})
  .describe('Where notices go.');

const tenant = z.strictObject({
  id: tenantId.describe('Unique in the installation; `installation` is reserved.'),
  timeZone: timeZone.default('UTC').describe('For everything that has a day, such as schedules: `Europe/Berlin`.'),
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
  applications: z
    .array(application)
    .max(1000)
    .default([])
    .describe('Applications that roles belong to, as far as somebody answers for them.'),
  roles: z.array(role).max(10_000).default([]).describe('The catalogue of roles, beside the built-in ones.'),
  connections: z.array(connection).max(1000).default([]).describe('Trusted sources of identities.'),
  clients: z.array(client).max(1000).default([]).describe('Applications that sign people in through Gatebook.'),
  policies: z
    .array(policy)
    .max(1000)
    .default([])
    .describe('How access is governed: reviewed, kept apart, lent, watched.'),
  changeApproval,
  notices,
  reports: z
    .array(reportSchedule)
    .max(REPORT_SCHEDULES_MAX)
    .default([])
    .describe('Reports that the clock asks for, and how they reach people.'),
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
