/** Later than everything that is recorded, ISO-8601 UTC. */
export const END_OF_TIME = '9999-12-31T23:59:59.999Z';

const DATE = /^(?:19|[2-8]\d|9[0-8])\d{2}-\d{2}-\d{2}$/;

/** Names of the IANA database are shorter; none holds anything but letters, digits and these marks, or is an offset such as `+02:00`. */
const ZONE_NAME = /^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/;

const DAY_MS = 86_400_000;

/** No zone is further from UTC than this, milliseconds. */
const FROM_UTC_MAX_MS = 16 * 3_600_000;

/** Clocks are changed at most once within this, milliseconds. */
const STEP_MS = 15 * 60_000;

/** Tells whether a text is a calendar day that exists, `YYYY-MM-DD`, from 1900 to 9899. */
export function isDate(text: unknown): text is string {
  if (typeof text !== 'string' || !DATE.test(text)) return false;
  // Days roll over (30 February becomes 2 March), so what comes back must be what went in.
  const day = new Date(`${text}T00:00:00.000Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/** Tells whether a text names a time zone of the IANA database, such as `Europe/Berlin`, that this software knows. */
export function isTimeZone(text: unknown): text is string {
  if (typeof text !== 'string' || !ZONE_NAME.test(text)) return false;
  try {
    return dayFormat(text) !== null;
  } catch {
    return false;
  }
}

/**
 * The last millisecond of a calendar day in a time zone, ISO-8601 UTC: where clocks go back over midnight the later one, and of a day that
 * the zone left out the last one before it.
 * @param date `isDate`
 * @param timeZone `isTimeZone`
 */
export function endOfDay(date: string, timeZone: string): string {
  const dayAt = dayIn(timeZone);
  let after = Date.parse(`${date}T00:00:00.000Z`) + DAY_MS + FROM_UTC_MAX_MS;
  // from the end, since the day may end twice where clocks go back shortly after midnight
  while (dayAt(after - STEP_MS) > date) after -= STEP_MS;
  let last = after - STEP_MS;
  while (after - last > 1) {
    const between = Math.floor((last + after) / 2);
    if (dayAt(between) > date) after = between;
    else last = between;
  }
  return new Date(last).toISOString();
}

/**
 * The calendar day that an instant lies in, `YYYY-MM-DD`.
 * @param instant ISO-8601 UTC
 * @param timeZone `isTimeZone`
 */
export const dayOf = (instant: string, timeZone: string): string => dayIn(timeZone)(Date.parse(instant));

function dayIn(timeZone: string): (ms: number) => string {
  const format = dayFormat(timeZone);
  return (ms) => {
    const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, value]));
    return [parts.get('year')?.padStart(4, '0'), parts.get('month'), parts.get('day')].join('-');
  };
}

function dayFormat(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-u-ca-iso8601-nu-latn', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
}
