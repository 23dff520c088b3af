const DURATION = /^P(?=\d|T\d)(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?$/;
const MS_PER_UNIT = [7 * 86_400_000, 86_400_000, 3_600_000, 60_000, 1000];

/**
 * Reads an ISO-8601 duration of weeks, days, hours, minutes and seconds, such as `P30D` or `PT1H`, as milliseconds.
 * Months and years are refused: their length depends on the calendar.
 * @throws {RangeError} when the text is no such duration
 */
export function durationMs(iso: string): number {
  const match = DURATION.exec(iso);
  if (!match) throw new RangeError(`Not an ISO-8601 duration of weeks, days, hours, minutes and seconds: ${iso}`);
  return MS_PER_UNIT.reduce((sum, unit, index) => sum + unit * Number(match[index + 1] ?? 0), 0);
}

/** The instant that lies a duration after another one; both ISO-8601 UTC with milliseconds. */
export function instantAfter(instant: string, ms: number): string {
  return new Date(Date.parse(instant) + ms).toISOString();
}
