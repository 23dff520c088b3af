import type { ReportPeriod, ReportSchedule } from '#libs/contracts';
import { dayOf, endOfDay } from '../instants.js';

const DAY_MS = 86_400_000;

/** Moments of a question, ISO-8601 UTC with milliseconds. */
export interface ScheduledMoments {
  readonly asOf: string;
  /** Absent for a report about an instant. */
  readonly from?: string;
}

/**
 * What a scheduled report is about: the last whole period of the calendar before the instant that it is asked for at, or the end of the day
 * before. However late it is asked for, it is about the same. Pure.
 * @param at when it was due, ISO-8601 UTC
 * @param timeZone IANA name; days begin and end in it
 */
export function momentsOf({ period }: Pick<ReportSchedule, 'period'>, at: string, timeZone: string): ScheduledMoments {
  const today = dayOf(at, timeZone);
  if (period === null) return { asOf: endOfDay(dayBefore(today), timeZone) };
  const begins = beginningOf(period, today);
  const begun = beginningOf(period, dayBefore(begins));
  return { from: endOfDay(dayBefore(begun), timeZone), asOf: endOfDay(dayBefore(begins), timeZone) };
}

/** First day of the calendar unit that a day lies in. */
function beginningOf(period: ReportPeriod, day: string): string {
  const [year = '', month = ''] = day.split('-');
  switch (period) {
    case 'previousDay':
      return day;
    case 'previousWeek':
      return mondayOf(day);
    case 'previousMonth':
      return `${year}-${month}-01`;
    case 'previousQuarter':
      return `${year}-${String(Number(month) - ((Number(month) - 1) % 3)).padStart(2, '0')}-01`;
    case 'previousYear':
      return `${year}-01-01`;
  }
}

function mondayOf(day: string): string {
  const at = Date.parse(`${day}T00:00:00.000Z`);
  const sinceMonday = (new Date(at).getUTCDay() + 6) % 7;
  return dayAt(at - sinceMonday * DAY_MS);
}

const dayBefore = (day: string): string => dayAt(Date.parse(`${day}T00:00:00.000Z`) - DAY_MS);
const dayAt = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
