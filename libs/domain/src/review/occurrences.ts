import { Cron } from 'croner';

/** Five fields: minute, hour, day of month, month, day of week. */
const MODE = '5-part';

/**
 * Reads a schedule. A time of day that the clocks leave out in spring comes at the first instant after the gap, and one that they repeat in
 * autumn comes once; what recurs all day long goes by the hours as they pass.
 */
const schedule = (cron: string, timeZone: string): Cron =>
  new Cron(cron, { paused: true, timezone: timeZone, mode: MODE, fixedTimeRule: 'no-wildcard' });

/** What may stand in a schedule; a question mark would mean the time at which it is read. */
const CHARACTERS = /^[\dA-Z*,/#L -]+$/i;

/** Says what is wrong with a schedule, for whoever wrote it; null when it can be used. */
export function scheduleProblem(cron: string, timeZone: string): string | null {
  if (!CHARACTERS.test(cron) || cron.trim().split(/ +/).length !== 5)
    return 'a schedule has five fields: minute hour day-of-month month day-of-week';
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    return 'the time zone must be one of the IANA data base, such as Europe/Berlin';
  }
  try {
    return nextOccurrence(cron, timeZone, ANY_INSTANT) === null ? 'this schedule never comes' : null;
  } catch {
    return 'this is no schedule that cron could read';
  }
}

const ANY_INSTANT = '2026-01-01T00:00:00.000Z';

/**
 * The first occurrence of a schedule after an instant; null when there is none any more.
 * @param cron five fields
 * @param timeZone of the IANA data base
 * @param after exclusive, ISO-8601 UTC
 * @throws {TypeError | RangeError} when `scheduleProblem` has something to say
 */
export function nextOccurrence(cron: string, timeZone: string, after: string): string | null {
  return schedule(cron, timeZone).nextRun(new Date(after))?.toISOString() ?? null;
}

/**
 * The latest occurrence of a schedule in a span of time; null when there is none. Those before it in the same span were missed, and are not
 * caught up on: a review that is late is put once. A clock that was set back finds nothing new, and one that runs ahead finds one.
 * @param span `after` exclusive (the occurrence that was last acted on, or when the schedule came into force), `notAfter` inclusive (now)
 */
export function lastOccurrence(
  cron: string,
  timeZone: string,
  { after, notAfter }: { readonly after: string; readonly notAfter: string },
): string | null {
  if (notAfter <= after) return null;
  // croner looks for what lies before a whole second
  const beyond = new Date(Math.floor(Date.parse(notAfter) / 1000) * 1000 + 1000);
  const [last] = schedule(cron, timeZone).previousRuns(1, beyond);
  const at = last?.toISOString();
  return at !== undefined && at > after ? at : null;
}
