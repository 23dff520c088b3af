import type { ReviewPolicy } from '#libs/contracts';
import { durationMs, instantAfter } from '#libs/kernel';
import type { ReviewItemState } from './review-item.state.js';

/**
 * When the stages of a review end: each has an equal share of its time, the last ends with it.
 * @param due ISO-8601 duration from opening to the end of the last stage
 * @param stages how many, at least 1
 */
export function stageTimes(openedAt: string, due: string, stages: number): readonly string[] {
  const whole = durationMs(due);
  return Array.from({ length: stages }, (_, index) =>
    instantAfter(openedAt, Math.floor((whole * (index + 1)) / stages)),
  );
}

/** What is due for an item. */
export interface DueNow {
  /** The instant at which the latest reminder was due that nobody has had yet; null where none is. */
  readonly remind: string | null;
  /** Whether others have to be asked as well. */
  readonly escalate: boolean;
  /** Whether the time of the stage is over. */
  readonly over: boolean;
}

/**
 * Says what is due for an open item. Reminders that were missed, because no process ran, are given once and not one after the other; one
 * that would be due before the stage begins is given in the middle of it, so that a short stage is not one without a reminder. When the
 * time is over, nothing but that is due.
 */
export function deadlinesOf(
  { reminders, escalation }: Pick<ReviewPolicy, 'reminders' | 'escalation'>,
  item: Pick<ReviewItemState, 'stageBeganAt' | 'stageDueAt' | 'remindedAt' | 'escalated'>,
  now: string,
): DueNow {
  if (now >= item.stageDueAt) return { remind: null, escalate: false, over: true };
  const latest = reminders
    .map((before) => within(item, before))
    .filter((at) => at <= now)
    .sort()
    .at(-1);
  const given = item.remindedAt !== null && latest !== undefined && item.remindedAt >= latest;
  return {
    remind: latest === undefined || given ? null : latest,
    escalate: escalation !== null && !item.escalated && within(item, escalation.before) <= now,
    over: false,
  };
}

function within({ stageBeganAt, stageDueAt }: Pick<ReviewItemState, 'stageBeganAt' | 'stageDueAt'>, before: string) {
  const at = instantAfter(stageDueAt, -durationMs(before));
  if (at > stageBeganAt) return at;
  return instantAfter(stageBeganAt, Math.floor((Date.parse(stageDueAt) - Date.parse(stageBeganAt)) / 2));
}
