import { z } from 'zod';
import { claimValue, name, uuid } from './vocabulary.js';

/** Every report there is, by the name that the API knows it under. */
export const REPORT_KINDS = [
  'access',
  'privileged-access',
  'access-changes',
  'joiners-movers-leavers',
  'jit-accounts',
  'grants',
  'revocations',
  'revocation-latency',
  'reviews',
  'review-quality',
  'sod',
  'elevations',
  'dormant',
  'orphan',
  'refusals',
  'configuration',
  'administrators',
] as const;

/** In what a report can be had. */
export const REPORT_FORMATS = ['csv', 'xlsx', 'json', 'html'] as const;

/** What a scheduled report may cover: the whole calendar unit before the one that it comes in. Weeks begin on Mondays. */
export const REPORT_PERIODS = [
  'previousDay',
  'previousWeek',
  'previousMonth',
  'previousQuarter',
  'previousYear',
] as const;

/** How scheduled reports reach people. */
export const DELIVERY_CHANNELS = ['folder', 'webhook'] as const;

/** Most schedules of reports that a tenant may have. */
export const REPORT_SCHEDULES_MAX = 50;

/** What narrows a report; null where it does not. */
export const reportFilter = z.strictObject({
  account: uuid.nullable(),
  role: name.nullable(),
  application: name.nullable(),
  connection: name.nullable(),
  directory: name.nullable(),
  department: claimValue.nullable(),
  privileged: z.boolean().nullable(),
  review: uuid.nullable(),
  policy: name.nullable(),
});

/** A report that is asked for by the clock, in the tenant's time zone. */
export const reportSchedule = z.strictObject({
  id: name,
  kind: z.enum(REPORT_KINDS),
  /** Cron of five fields. */
  schedule: z.string().min(1).max(100),
  /** Null for reports about an instant: those are about the end of the day before. */
  period: z.enum(REPORT_PERIODS).nullable(),
  formats: z.array(z.enum(REPORT_FORMATS)).min(1).max(REPORT_FORMATS.length),
  filter: reportFilter,
  /** Whether it shows personal data. */
  personal: z.boolean(),
  deliver: z.strictObject({
    /** Below the server's folder for reports and the tenant's in it, names with slashes between; null: to no folder. */
    folder: z.string().min(1).max(200).nullable(),
    /** The secret is the fingerprint of a value in the vault. */
    webhook: z.strictObject({ url: z.url().max(2048), secret: z.string().max(100) }).nullable(),
  }),
});

/** The shapes above as types. */
export type ReportSchedule = z.infer<typeof reportSchedule>;
export type ReportPeriod = (typeof REPORT_PERIODS)[number];
export type DeliveryChannel = (typeof DELIVERY_CHANNELS)[number];
