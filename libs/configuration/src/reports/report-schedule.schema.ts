import { z } from 'zod';
import { REPORT_FORMATS, REPORT_KINDS, REPORT_PERIODS } from '#libs/contracts';
import { id, secret, text, url } from '../schema-parts.js';

/** Names with slashes between, none of which begins with a dot: nothing can lead out of the folder that they are below. */
const FOLDER = /^[a-z0-9][a-z0-9._-]{0,62}(\/[a-z0-9][a-z0-9._-]{0,62}){0,7}$/;

const SIGNING_SECRET =
  'Signs each message (HMAC-SHA-256): an `env:` or `file:` reference in the file, or the `hmac:` fingerprint of one that is stored.';

const filter = z
  .strictObject({
    role: id.optional().describe('Only this role.'),
    application: id.optional().describe('Only roles of this application.'),
    connection: id.optional().describe('Only what came through this connection.'),
    directory: id.optional().describe('Only accounts of this directory.'),
    department: text(8_192)
      .optional()
      .describe('Only people of this department, exactly as recorded; needs `personal`.'),
    privileged: z.boolean().optional().describe('Only roles that are privileged, or only others.'),
    policy: id.optional().describe('Only what follows from this policy.'),
  })
  .prefault({})
  .describe('Narrows the report; which conditions a kind takes is said in [reports.md](reports.md).');

const deliver = z
  .strictObject({
    folder: z
      .string()
      .max(200)
      .regex(FOLDER, 'must be names in lower case with slashes between, such as monthly or finance/monthly')
      .nullable()
      .default(null)
      .describe(
        'A folder below `GATEBOOK_REPORTS_FOLDER` of the audit server, and in it below that of the tenant; each report gets one of its own in it.',
      ),
    webhook: z
      .strictObject({
        url: url.describe('Where the news is sent that a report is done: names, hashes and addresses of its files.'),
        secret: secret.describe(SIGNING_SECRET),
      })
      .nullable()
      .default(null)
      .describe('Who is told that a report is done.'),
  })
  .prefault({})
  .describe('How the report reaches people beside the API.');

/** An element of `reports:`, defaults filled in. */
export const reportSchedule = z.strictObject({
  id: id.describe('Unique in the tenant.'),
  kind: z.enum(REPORT_KINDS).describe('The report, see [reports.md](reports.md).'),
  schedule: text(100).describe(
    'When it is asked for: cron of five fields in the tenant’s time zone, `0 6 1 * *`; at most once an hour. Of times that nobody was there for, the last is made up for.',
  ),
  period: z
    .enum(REPORT_PERIODS)
    .nullable()
    .default(null)
    .describe(
      'What a report about a period covers: the whole one before that in which it is asked for; weeks begin on Mondays. One about an instant has none: it is about the end of the day before.',
    ),
  formats: z
    .array(z.enum(REPORT_FORMATS))
    .min(1)
    .max(REPORT_FORMATS.length)
    .default(['csv'])
    .describe('What its files are.'),
  filter,
  personal: z.boolean().default(false).describe('Whether it shows personal data.'),
  deliver,
});

/** A schedule as it is meant. */
export type ReportScheduleConfiguration = z.infer<typeof reportSchedule>;
