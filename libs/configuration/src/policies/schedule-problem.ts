import { nextOccurrence, scheduleProblem } from '#libs/domain';

const HOUR_MS = 3_600_000;

/** Where the look at a schedule begins; any instant would do. */
const LOOK_FROM = '2026-01-01T00:00:00.000Z';

/** Occurrences looked at: of three, two lie in the same hour when the minutes name several. */
const OCCURRENCES = 3;

/** What is wrong with a schedule: it must be cron of five fields that comes, and that comes at most once an hour. Null when nothing is. */
export const problemOfSchedule = (schedule: string): string | null =>
  scheduleProblem(schedule, 'UTC') ??
  (isTooOften(schedule) ? 'must not come oftener than once an hour: name one minute' : null);

/** Looks without the jumps of any time zone. */
function isTooOften(schedule: string): boolean {
  let before = LOOK_FROM;
  for (let nth = 0; nth < OCCURRENCES; nth += 1) {
    const next = nextOccurrence(schedule, 'UTC', before);
    if (next === null) return false;
    if (nth > 0 && Date.parse(next) - Date.parse(before) < HOUR_MS) return true;
    before = next;
  }
  return false;
}
