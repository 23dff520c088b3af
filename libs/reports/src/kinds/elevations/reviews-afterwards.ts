import type { ReviewItemOpened } from '#libs/contracts';
import type { SealedEvent } from '#libs/kernel';
import { happenedBy, readEventsAbout, readHistories } from '../../histories/read-histories.js';
import type { Question } from '../../question.js';
import type { ReportSource } from '../../report-kind.js';
import { foldReviewItem, type ReviewedItem } from '../reviews/review-item.fold.js';
import type { ElevationHistory } from './elevation.fold.js';

/** Review items about what was taken in an emergency, by the id of the event with which that began. */
export async function readReviewsAfterwards(
  source: ReportSource,
  question: Question,
  elevations: readonly ElevationHistory[],
): Promise<ReadonlyMap<string, ReviewedItem>> {
  const taken = elevations.filter(({ request }) => request.breakGlass);
  const accounts = [...new Set(taken.map(({ request }) => request.account))];
  const facts = { ...question, personal: false };
  const opened = await readEventsAbout(source, facts, { accounts, types: ['ReviewItemOpened'] });
  const streams = (opened as readonly (SealedEvent & ReviewItemOpened)[])
    .filter(({ data }) => data.trigger.reason === 'breakGlass')
    .map(({ stream }) => stream);
  const histories = await readHistories(source, facts, streams);
  const items = streams.map((stream) => foldReviewItem(happenedBy(histories.get(stream) ?? [], question.asOf)));
  return new Map(items.flatMap((item) => (item.data.trigger.event === null ? [] : [[item.data.trigger.event, item]])));
}
