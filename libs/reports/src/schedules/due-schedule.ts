import { lastOccurrence, nextOccurrence } from '#libs/domain';

/** Missed times that are counted at most; beyond, it is only said that there were more. */
export const MISSED_COUNTED_MAX = 100;

/** A schedule that has come due. */
export interface DueTime {
  /** The last of its times, ISO-8601 UTC. */
  readonly at: string;
  /** Times before it that nobody was there for and that are not made up for; at most `MISSED_COUNTED_MAX`. */
  readonly missed: number;
}

/**
 * The last time of a schedule in a span; null when it had none. Those before it in the same span were missed. Pure.
 * @param schedule cron of five fields
 * @param timeZone IANA name
 * @param span `after` exclusive: when it was last acted on, or came into force; `notAfter` inclusive: now
 */
export function dueTimeOf(
  schedule: string,
  timeZone: string,
  { after, notAfter }: { readonly after: string; readonly notAfter: string },
): DueTime | null {
  const at = lastOccurrence(schedule, timeZone, { after, notAfter });
  if (at === null) return null;
  let missed = 0;
  let next = nextOccurrence(schedule, timeZone, after);
  while (next !== null && next < at && missed < MISSED_COUNTED_MAX) {
    missed += 1;
    next = nextOccurrence(schedule, timeZone, next);
  }
  return { at, missed };
}
