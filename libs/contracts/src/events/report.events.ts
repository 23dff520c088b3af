import { z } from 'zod';
import { event } from '../event-entry.js';
import { DELIVERY_CHANNELS, REPORT_FORMATS, REPORT_KINDS, reportFilter } from '../report-settings.js';
import { instant, name, sha256, uuid } from '../vocabulary.js';

/** Most files of one report: one for each format, and the sheets of evidence. */
const FILES_MAX = REPORT_FORMATS.length + 2;

export const reportGenerated = event(
  'report',
  'ReportGenerated',
  'a report is finished: what was asked, what it covers, and the hash of each of its files',
  z.strictObject({
    report: uuid,
    kind: z.enum(REPORT_KINDS),
    version: z.int().positive(),
    asOf: instant,
    /** Beginning of the period, exclusive; null for the beginning of the log, and for reports about an instant. */
    from: instant.nullable(),
    /** Position of the sealed log up to which it knows; -1 for an empty one. */
    knownAt: z.int().min(-1),
    timeZone: z.string().max(64),
    filter: reportFilter,
    /** Whether it shows personal data. */
    personal: z.boolean(),
    rows: z.int().nonnegative(),
    /** Whether its sheet of evidence found nothing wrong. */
    complete: z.boolean(),
    files: z
      .array(z.strictObject({ name: z.string().max(100), sha256, bytes: z.int().nonnegative() }))
      .min(1)
      .max(FILES_MAX),
    /** The schedule that asked for it; null where somebody did. */
    schedule: name.nullable(),
  }),
  [{ path: 'filter.department', subject: 'stream' }],
);

export const auditRead = event(
  'auditRead',
  'AuditRead',
  'somebody takes data out of the audit or looks at it: a file of a report, a stretch of the log, or who holds what',
  z.strictObject({
    what: z.enum(['report', 'export', 'sample', 'events', 'access']),
    /** The report that a file belongs to, with the name of the file; null for the log. */
    report: uuid.nullable(),
    file: z.string().max(100).nullable(),
    /** Positions that were read, `after` exclusive and `through` inclusive; null where it is no stretch of the log. */
    after: z.int().min(-1).nullable(),
    through: z.int().min(-1).nullable(),
    /** Whether personal data were shown. */
    personal: z.boolean(),
    /** How many times, from `since` on: small reads are counted together, with the outermost of their positions. */
    reads: z.int().positive(),
    since: instant,
  }),
);

/** Why a report did not reach its place; the last three are no fault of the place. */
export const DELIVERY_FAILURES = [
  'no-folder',
  'folder-unwritable',
  'refused',
  'unreachable',
  'no-channel',
  'delivery-failed',
  'report-failed',
  'report-cancelled',
  'report-files-expired',
] as const;

const delivery = {
  report: uuid,
  /** The schedule that asked for it. */
  schedule: name,
  channel: z.enum(DELIVERY_CHANNELS),
  /** How often it was tried; 0 where there was nothing to deliver. */
  attempts: z.int().nonnegative(),
};

export const reportDelivered = event(
  'reportDelivery',
  'ReportDelivered',
  'a scheduled report is whole in its folder, or its receiver has taken the news of it',
  z.strictObject(delivery),
);

export const reportNotDelivered = event(
  'reportDelivery',
  'ReportNotDelivered',
  'a scheduled report could not be delivered, and no further attempt is made; it can still be fetched while its files are kept',
  z.strictObject({ ...delivery, code: z.enum(DELIVERY_FAILURES) }),
);
