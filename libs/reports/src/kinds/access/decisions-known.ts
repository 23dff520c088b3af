import { countReviewDecisions } from '#libs/read-model';
import { countEvents } from '../../events/event-places.queries.js';
import { END_OF_TIME } from '../../instants.js';
import type { Question } from '../../question.js';
import type { Population, ReportSource } from '../../report-kind.js';

/** Reconciles the decisions of reviews that reports look up with those of the log: a lost one would leave an older one in its place. */
export async function decisionsKnown({ database }: ReportSource, question: Question): Promise<readonly Population[]> {
  const { tenant, knownAt } = question;
  const types = ['ReviewDecisionRecorded'];
  const recorded = await countEvents(database, { tenant, types, from: null, to: END_OF_TIME, knownAt });
  return [
    { of: 'decisions of reviews', recorded, listed: await countReviewDecisions(database, question), excluded: {} },
  ];
}
