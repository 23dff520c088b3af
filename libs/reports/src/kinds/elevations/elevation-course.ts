import type { SealedEvent } from '#libs/kernel';
import type { Question } from '../../question.js';
import { isClosedBefore, type ReviewedItem } from '../reviews/review-item.fold.js';
import { foldElevation, standingOf } from './elevation.fold.js';

/** What of an elevation falls into a period. */
export interface ElevationCourse {
  /** Whether it had been asked for when the period began, and was not over. */
  readonly openAtBeginning: boolean;
  /** Events that were recorded within the period. */
  readonly facts: number;
  /** Whether it was over when the period began, and nothing was recorded of it since. */
  readonly isOver: boolean;
}

/** Finds out what of an elevation falls into the period of a question. @param events all that is known of it, the request first */
export function courseOf(
  events: readonly SealedEvent[],
  { from, asOf }: Pick<Question, 'from' | 'asOf'>,
): ElevationCourse {
  const facts = events.filter(({ recordedAt: at }) => (from === null || at > from) && at <= asOf).length;
  const [request] = events;
  if (from === null || !request || request.recordedAt > from) return { openAtBeginning: false, facts, isOver: false };
  const { status } = standingOf(foldElevation(events, from), from);
  const openAtBeginning = status === 'requested' || status === 'active';
  return { openAtBeginning, facts, isOver: !openAtBeginning && facts === 0 };
}

/** Whether an elevation is none of the period's: it was over, and so was the review of what was taken in an emergency. */
export const isClosedBeforePeriod = (
  { isOver }: ElevationCourse,
  afterwards: ReviewedItem | undefined,
  { from }: Pick<Question, 'from'>,
): boolean => isOver && (afterwards === undefined || isClosedBefore(afterwards, from));
