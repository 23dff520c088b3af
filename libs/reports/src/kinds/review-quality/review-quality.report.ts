import { accountsAsOf } from '#libs/read-model';
import { countOpenings } from '../../histories/openings.queries.js';
import { rowLayout } from '../../histories/row-layout.js';
import { excludedIn, Tally } from '../../histories/tally.js';
import { packed } from '../../histories/walk-openings.js';
import type { Question } from '../../question.js';
import type { ReportKind, ReportSource, RowBatch } from '../../report-kind.js';
import { readReviews } from '../reviews/review-facts.js';
import { type Found, findJudgements } from './judgements.js';
import { type Quality, qualityOf } from './quality.fold.js';
import { QUALITY_CELLS } from './quality-cells.js';

const layout = rowLayout(QUALITY_CELLS);

/** Reviewers and reviews whose names are looked up together. */
const LINES_AT_ONCE = 200;

/** Share of the work that finding the decisions is. */
const FINDING_SHARE = 0.9;

/** How people decided in access reviews in a period: one row for each of them and each review. */
export const reviewQualityReport: ReportKind = {
  kind: 'review-quality',
  version: 1,
  title: 'Quality of access reviews',
  answers:
    'How carefully each reviewer decided in each access review: how fast, how many at once, against which advice, and for how long it held.',
  about: 'period',
  columns: layout.columns,
  filters: ['review', 'policy'],
  rows,
  async population({ database }, question, { counts }) {
    const recorded = await countOpenings(database, question, { type: 'ReviewDecisionRecorded', withinPeriod: true });
    return [{ of: 'review decisions', recorded, listed: counts['listed'] ?? 0, excluded: excludedIn(counts) }];
  },
};

/**
 * Nothing can be told of anybody before every decision is found, so the bookmark is the number of rows that were taken, and whoever goes on
 * finds the decisions again. Batches without rows say how far that is.
 */
async function* rows(source: ReportSource, question: Question, after: string | null): AsyncGenerator<RowBatch> {
  const taken = Number(after ?? 0);
  let found: Found | null = null;
  for await (found of findJudgements(source, question))
    yield { rows: [], bookmark: String(taken), counts: {}, progress: found.progress * FINDING_SHARE };
  if (found === null) return;
  // what was counted belongs to the first rows that are taken, and to them alone; where there are none, to a batch of its own
  if (taken === 0 && found.judgements.length === 0)
    yield { rows: [], bookmark: '1', counts: found.counts, progress: 1 };
  const qualities = qualityOf(found.judgements, found.lifts);
  for (let at = taken; at < qualities.length; at += LINES_AT_ONCE) {
    const lines = await partsOf(source, question, qualities.slice(at, at + LINES_AT_ONCE));
    const parts = lines.map((line, index) => ({
      ...line,
      counts: new Tally().addAll(line.counts).addAll(at + index === 0 && found ? found.counts : {}).counts,
      bookmark: String(at + index + 1),
      progress: FINDING_SHARE + (1 - FINDING_SHARE) * ((at + index + 1) / qualities.length),
    }));
    yield* packed(parts);
  }
}

async function partsOf(source: ReportSource, question: Question, qualities: readonly Quality[]) {
  const reviewers = [...new Set(qualities.map(({ reviewer }) => reviewer))];
  const [accounts, reviews] = await Promise.all([
    accountsAsOf(source.database, question, reviewers),
    readReviews(source, question, [...new Set(qualities.map(({ review }) => review))]),
  ]);
  return qualities.map((quality) => {
    const [review, reviewer] = [reviews.get(quality.review), accounts.get(quality.reviewer)];
    const tally = new Tally()
      .add('flag.reversed', quality.reversed)
      .addIf(!review, 'flag.unknownReview')
      .addIf(!reviewer, 'flag.unknownAccount');
    return { rows: [layout.row({ quality, review, reviewer }, question.personal)], counts: tally.counts };
  });
}
