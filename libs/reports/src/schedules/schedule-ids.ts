import { v5 as uuidv5 } from 'uuid';

/** Namespace of the ids of scheduled reports (a random uuid, fixed for good): another one would ask for everything anew. */
const SCHEDULED_REPORTS = '7c1d9e34-52ab-4f0e-9d68-3f0b6a84c217';

/**
 * Id of a scheduled report: one time of one schedule is one report, however often and by whomever it is asked for.
 * @param at when it was due, ISO-8601 UTC
 */
export const scheduledReportId = (tenant: string, schedule: string, at: string): string =>
  uuidv5(JSON.stringify([tenant, schedule, at]), SCHEDULED_REPORTS);
