import { type FilterName, REPORTS, type ReportKind } from '#libs/reports';
import { problemOfSchedule } from '../policies/schedule-problem.js';
import type { Report } from '../yaml-text.js';
import type { ReportScheduleConfiguration } from './report-schedule.schema.js';

/** What the tenant has that a filter may name. */
export interface KnownToReports {
  readonly role: ReadonlySet<string>;
  readonly application: ReadonlySet<string>;
  readonly connection: ReadonlySet<string>;
  readonly directory: ReadonlySet<string>;
  readonly policy: ReadonlySet<string>;
}

/** Checks what one key of a schedule alone cannot show: that its times come, and that the report can be asked for in this way. */
export function checkReportSchedule(
  schedule: ReportScheduleConfiguration,
  known: KnownToReports,
  report: Report,
): void {
  const problem = problemOfSchedule(schedule.schedule);
  if (problem !== null) report(['schedule'], problem);
  if (new Set(schedule.formats).size < schedule.formats.length) report(['formats'], 'must name each format once');
  const kind = REPORTS.get(schedule.kind);
  if (kind === undefined) {
    report(['kind'], 'is not made by this software');
  } else {
    checkPeriod(schedule, kind, report);
    checkFilter(schedule, kind, known, report);
  }
}

function checkPeriod({ period }: ReportScheduleConfiguration, { kind, about }: ReportKind, report: Report): void {
  if (about === 'instant' && period !== null)
    report(['period'], `${kind} is about an instant, which is the end of the day before: leave this out`);
  if (about === 'period' && period === null)
    report([], `${kind} is about a period: say which, such as period: previousMonth`);
}

function checkFilter(
  { filter, personal }: ReportScheduleConfiguration,
  { kind, filters }: ReportKind,
  known: KnownToReports,
  report: Report,
): void {
  for (const [name, value] of Object.entries(filter) as [FilterName, string | boolean | undefined][]) {
    if (value === undefined) continue;
    if (!filters.includes(name)) report(['filter', name], notTaken(kind, filters));
    else if (Object.hasOwn(known, name) && !known[name as keyof KnownToReports].has(value as string))
      report(['filter', name], `there is no ${name} ${value}`);
  }
  if (filter.department !== undefined && !personal)
    report(['filter', 'department'], 'needs personal: true, since the rows would tell whose it is');
}

const notTaken = (kind: string, filters: readonly FilterName[]): string =>
  `is no filter of ${kind}, which takes ${filters.length > 0 ? filters.join(', ') : 'none'}`;
