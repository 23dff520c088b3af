import type { Logger } from '@nestjs/common';
import type { Appointment, UpkeepSchedule } from '#libs/configuration';
import { LeaseLostError } from '#libs/database';
import { describeError } from '#libs/platform';
import { later, retryAfterMs } from './retry-times.js';

/** Subjects that are worked on at a time: most of the time they wait for other servers. */
const AT_ONCE = 4;

/** Subjects of one look; the others wait for the next. */
const PER_LOOK_MAX = 40;

/** A subject that is to be looked after, and what for. */
export interface Wanted {
  readonly subject: string;
  readonly about: string;
}

/** What an attempt came to: when the next one is due, and how often it failed in a row. */
export type Next = Pick<Appointment, 'dueAt' | 'failures'>;

/** What is done for each subject that is due. */
export interface Keeping<W extends Wanted> {
  readonly schedule: UpkeepSchedule;
  readonly task: string;
  /** Everything that the task looks after; whatever else is in the schedule is forgotten. */
  readonly wanted: readonly W[];
  readonly now: Date;
  readonly signal: AbortSignal;
  readonly log: Pick<Logger, 'error'>;
  /** @param failures how often it failed in a row so far */
  readonly attempt: (wanted: W, failures: number) => Promise<Next>;
}

/**
 * Does what is due, and makes the next appointment for each. What is new or changed comes first, then what waits longest. An attempt that
 * throws holds nobody else up: it is told in the log, and tried again later and later.
 * @throws {LeaseLostError} when another process holds the role now
 */
export async function keepAppointments<W extends Wanted>(keeping: Keeping<W>): Promise<void> {
  const { schedule, task, wanted, signal } = keeping;
  await schedule.keepOnly(task, new Set(wanted.map(({ subject }) => subject)));
  const due = dueFirst(keeping).slice(0, PER_LOOK_MAX);
  for (let at = 0; at < due.length && !signal.aborted; at += AT_ONCE) {
    const kept = await Promise.allSettled(due.slice(at, at + AT_ONCE).map((each) => keep(keeping, each)));
    for (const result of kept) if (result.status === 'rejected') throw result.reason;
  }
}

function dueFirst<W extends Wanted>({ schedule, task, wanted, now }: Keeping<W>): W[] {
  const instant = now.toISOString();
  return wanted
    .map((each) => ({ each, dueAt: standing(schedule.of(task, each.subject), each)?.dueAt ?? '' }))
    .filter(({ dueAt }) => dueAt <= instant)
    .sort((a, b) => (a.dueAt < b.dueAt ? -1 : a.dueAt > b.dueAt ? 1 : 0))
    .map(({ each }) => each);
}

/** An appointment that was made for what is wanted now. */
const standing = (appointment: Appointment | undefined, { about }: Wanted): Appointment | undefined =>
  appointment?.about === about ? appointment : undefined;

async function keep<W extends Wanted>(keeping: Keeping<W>, wanted: W): Promise<void> {
  const { schedule, task, now, signal, log, attempt } = keeping;
  const { subject, about } = wanted;
  const failures = standing(schedule.of(task, subject), wanted)?.failures ?? 0;
  const next = await attempt(wanted, failures).catch((error: unknown): Next => {
    if (signal.aborted || error instanceof LeaseLostError) throw error;
    log.error({ err: describeError(error), subject }, `${task} failed and will be tried again`);
    return { dueAt: later(now, retryAfterMs(failures + 1)), failures: failures + 1 };
  });
  await schedule.set(task, { subject, about, ...next });
}
