import type { ReviewDecisionRecorded, RoleWithholdingLifted } from '#libs/contracts';
import { DomainError, type SealedEvent } from '#libs/kernel';
import { readEventBodies } from '#libs/read-model';
import { findOpenings, type Opening, type Openings } from '../../histories/openings.queries.js';
import { happenedBy, readHistories } from '../../histories/read-histories.js';
import { Tally } from '../../histories/tally.js';
import { OPENINGS_AT_ONCE } from '../../histories/walk-openings.js';
import type { Question } from '../../question.js';
import type { Counts, ReportSource } from '../../report-kind.js';
import { foldReviewItem, type ReviewedItem } from '../reviews/review-item.fold.js';
import type { Judgement, Lift } from './quality.fold.js';

/** Decisions that are compared with each other at a time. They are held in memory, and with all that is made of them take 93 MB of heap. */
const JUDGEMENTS_MAX = 100_000;

/** Nobody could compare all of these decisions at once. */
export class TooManyDecisionsError extends DomainError {
  readonly code = 'report-too-many-decisions';
  readonly kind = 'tooLarge';
  constructor() {
    super(
      `The period has more than ${JUDGEMENTS_MAX.toLocaleString('en')} review decisions. Ask for a shorter one, for one review or for one policy.`,
    );
  }
}

/** Every decision is looked for in its item, and an item may be older than the period. */
const ITEMS: Openings = { type: 'ReviewItemOpened', beginsStream: true };
const LIFTS: Openings = { type: 'RoleWithholdingLifted', withinPeriod: true };

/** What was found by now. */
export interface Found {
  readonly judgements: readonly Judgement[];
  readonly lifts: readonly Lift[];
  readonly counts: Counts;
  /** Share of the log that was looked at, 0 to 1. */
  readonly progress: number;
}

/**
 * Collects the decisions of people in a period, and what an administrator lifted; answers from time to time how far it has come, at last with
 * everything. @throws {TooManyDecisionsError} when there are more than can be compared
 */
export async function* findJudgements(source: ReportSource, question: Question): AsyncGenerator<Found> {
  const judgements: Judgement[] = [];
  const tally = new Tally();
  const lifts: Lift[] = [];
  for await (const { page, progress } of pagesOf(source, question, ITEMS)) {
    for (const item of await itemsOf(source, question, page)) judgements.push(...judgementsIn(item, question, tally));
    if (judgements.length > JUDGEMENTS_MAX) throw new TooManyDecisionsError();
    yield { judgements, lifts, counts: tally.counts, progress: progress / 2 };
  }
  for await (const { page, progress } of pagesOf(source, question, LIFTS)) {
    const events = await readEventBodies(source, page, false);
    lifts.push(...events.flatMap((event) => liftIn(event as SealedEvent & RoleWithholdingLifted)));
    yield { judgements, lifts, counts: tally.counts, progress: (1 + progress) / 2 };
  }
  yield { judgements, lifts, counts: tally.counts, progress: 1 };
}

async function* pagesOf(
  { database }: ReportSource,
  question: Question,
  openings: Openings,
): AsyncGenerator<{ readonly page: readonly Opening[]; readonly progress: number }> {
  for (let after = -1, more = true; more; ) {
    const page = await findOpenings(database, question, openings, { after, limit: OPENINGS_AT_ONCE });
    after = page.at(-1)?.position ?? after;
    more = page.length === OPENINGS_AT_ONCE;
    if (page.length > 0) yield { page, progress: (after + 1) / (question.knownAt + 1) };
  }
}

async function itemsOf(source: ReportSource, question: Question, page: readonly Opening[]): Promise<ReviewedItem[]> {
  const streams = page.map(({ stream }) => stream);
  const histories = await readHistories(source, { ...question, personal: false }, streams);
  return streams.map((stream) => foldReviewItem(happenedBy(histories.get(stream) ?? [], question.asOf)));
}

function judgementsIn({ data, rounds }: ReviewedItem, { from, filter }: Question, tally: Tally): Judgement[] {
  const { review, policy, account, role, recommendation } = data;
  const isWanted = (filter.review ?? review) === review && (filter.policy ?? policy) === policy;
  const within = rounds.flatMap(({ answers }) => answers).filter(({ at }) => from === null || at > from);
  return within.flatMap(({ at, position, data: { by, decision, tookMs, bulk } }) => {
    const why = reasonNotToCount({ by, decision }, isWanted);
    tally.add(why === null ? 'listed' : `excluded.${why}`);
    if (why !== null || by === null || !isJudging(decision)) return [];
    const recommended = recommendation.decision;
    return [{ review, policy, reviewer: by, account, role, decision, at, position, tookMs, bulk, recommended }];
  });
}

type Decided = Pick<ReviewDecisionRecorded['data'], 'by' | 'decision'>;

const isJudging = (decision: Decided['decision']): decision is Judgement['decision'] =>
  decision !== 'reassign' && decision !== 'delegate';

function reasonNotToCount({ by, decision }: Decided, isWanted: boolean): string | null {
  if (!isWanted) return 'filter';
  if (by === null) return 'bySystem';
  return isJudging(decision) ? null : 'passedOn';
}

const liftIn = ({ recordedAt: at, data: { why, account, role } }: SealedEvent & RoleWithholdingLifted): Lift[] =>
  why === 'by-hand' ? [{ account, role, at }] : [];
