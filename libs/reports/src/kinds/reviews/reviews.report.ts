import { accountsAsOf, rolesAsOf } from '#libs/read-model';
import { countOpenings, type Opening, type Openings, recordedAtOf } from '../../histories/openings.queries.js';
import { happenedBy, readHistories } from '../../histories/read-histories.js';
import { rowLayout } from '../../histories/row-layout.js';
import { countsUnder, excludedIn, Tally } from '../../histories/tally.js';
import { type PartOfOpening, walkOpenings } from '../../histories/walk-openings.js';
import type { Question } from '../../question.js';
import type { Counts, Population, ReportKind, ReportSource } from '../../report-kind.js';
import { type GoesOnAs, readMerges } from './merges-known.js';
import { type ReviewFacts, readReviews } from './review-facts.js';
import {
  foldReviewItem,
  isClosedBefore,
  isOpenAt,
  OUTCOMES,
  outcomeOf,
  type ReviewedItem,
  type Round,
  timesOpened,
} from './review-item.fold.js';
import { isByGrantor, isSelfReview, type KnownLine, linesOf, REVIEW_CELLS } from './review-rows.js';

/** Also older ones: what was open at the beginning of the period is decided within it. */
const ITEMS: Openings = { type: 'ReviewItemOpened', beginsStream: true };
const DECISIONS: Openings = { type: 'ReviewDecisionRecorded', withinPeriod: true };
const CLOSINGS: Openings = { type: 'ReviewItemClosed', withinPeriod: true };

const layout = rowLayout(REVIEW_CELLS);

/** Every item of access reviews that was open at any time in a period, with every decision about it up to the end of the period. */
export const reviewsReport: ReportKind = {
  kind: 'reviews',
  version: 1,
  title: 'Access reviews',
  answers:
    'Which access was put to reviewers in a period or still before them when it began, who decided what about it when and why, and what came of it.',
  about: 'period',
  columns: layout.columns,
  filters: ['account', 'role', 'application', 'connection', 'privileged', 'review', 'policy'],
  async *rows(source, question, after) {
    const goesOnAs = await readMerges(source, question);
    yield* walkOpenings(source, question, { ...ITEMS, after }, (page) => partsOf(source, question, { page, goesOnAs }));
  },
  async population({ database }, question, { counts }) {
    const recorded = await countOpenings(database, question, ITEMS);
    return [
      { of: 'review items', recorded, listed: counts['listed'] ?? 0, excluded: excludedIn(counts) },
      withinPeriod('decisions', await countOpenings(database, question, DECISIONS), counts),
      withinPeriod('closings', await countOpenings(database, question, CLOSINGS), counts),
    ];
  },
  async summary(_source, _question, { counts }) {
    const figures = OUTCOMES.map((outcome) => [outcome, counts[`outcome.${outcome}`] ?? 0] as const);
    const items = figures.reduce((sum, [, count]) => sum + count, 0);
    const [openAtBeginning = 0, put = 0, closed = 0, open = 0] = FLOWS.map((name) => counts[name] ?? 0);
    const unbalanced = items !== (counts['listed'] ?? 0) || openAtBeginning + put - closed !== open;
    return {
      items,
      openAtBeginning,
      put,
      closed,
      ...Object.fromEntries(figures),
      decisions: counts['decisions'] ?? 0,
      unbalanced,
    };
  },
};

/** Questions that were open when the period began, that were put and closed within it, and that are open at its end. */
const FLOWS = ['openAtBeginning', 'put', 'closings', 'outcome.open'] as const;

/** Facts of the period are counted by when they were recorded, whichever items the report has taken up. */
const withinPeriod = (of: 'decisions' | 'closings', recorded: number, counts: Counts): Population => ({
  of: `${of} of the period`,
  recorded,
  listed: counts[of] ?? 0,
  excluded: countsUnder(counts, `${of}.excluded.`),
});

/** What is known about whom and what some items name. */
interface Surroundings {
  readonly reviews: ReadonlyMap<string, ReviewFacts>;
  readonly accounts: Awaited<ReturnType<typeof accountsAsOf>>;
  readonly roles: Awaited<ReturnType<typeof rolesAsOf>>;
  readonly proofs: ReadonlyMap<string, Date>;
}

async function partsOf(
  source: ReportSource,
  question: Question,
  { page, goesOnAs }: { readonly page: readonly Opening[]; readonly goesOnAs: GoesOnAs },
): Promise<readonly PartOfOpening[]> {
  const streams = page.map(({ stream }) => stream);
  const histories = await readHistories(source, question, streams);
  const items = streams.map((stream) => foldReviewItem(happenedBy(histories.get(stream) ?? [], question.asOf)));
  const known = { ...(await surroundingsOf(source, question, items)), goesOnAs };
  return items.map((item) => ({ position: item.position, ...partOf(question, item, known) }));
}

async function surroundingsOf(
  source: ReportSource,
  question: Question,
  items: readonly ReviewedItem[],
): Promise<Surroundings> {
  const { database } = source;
  const ends = items.flatMap(({ rounds }) => rounds.flatMap(({ end }) => end?.because ?? []));
  const [accounts, roles, reviews, proofs] = await Promise.all([
    accountsAsOf(database, question, [...new Set(items.flatMap(peopleIn))]),
    rolesAsOf(database, question, [...new Set(items.map(({ data }) => data.role))]),
    readReviews(source, question, [...new Set(items.map(({ data }) => data.review))]),
    recordedAtOf(database, question, ends),
  ]);
  return { accounts, roles, reviews, proofs };
}

const peopleIn = ({ data, rounds }: ReviewedItem): string[] => [
  data.account,
  ...rounds.flatMap(({ answers }) => answers.flatMap((answer) => answer.data.by ?? [])),
];

function partOf(
  question: Question,
  item: ReviewedItem,
  known: Surroundings & Pick<KnownLine, 'goesOnAs'>,
): Omit<PartOfOpening, 'position'> {
  if (isClosedBefore(item, question.from)) return { rows: [], counts: { 'excluded.closedBefore': 1 } };
  const tally = new Tally();
  const role = known.roles.get(item.data.role);
  const [decisions, closings] = happenedWithin(question, item);
  const why = whyNotAsked(question, item, role);
  if (why !== null) {
    tally.add(`excluded.${why}`).add(`decisions.excluded.${why}`, decisions).add(`closings.excluded.${why}`, closings);
    return { rows: [], counts: tally.counts };
  }
  const account = known.accounts.get(item.data.account);
  const review = known.reviews.get(item.data.review);
  const proofOf = ({ end }: Round) => (end?.because ? known.proofs.get(end.because) : undefined);
  const lines = linesOf(item).map((line): KnownLine => {
    const decider = line.answer?.data.by ? known.accounts.get(line.answer.data.by) : undefined;
    const openAtBeginning = isOpenAt(line.round, question.from);
    const { goesOnAs } = known;
    return { ...line, openAtBeginning, review, account, decider, role, appliedAt: proofOf(line.round), goesOnAs };
  });
  const isUnproved = (round: Round) => (round.end?.because ?? null) !== null && !proofOf(round);
  tally
    .add('listed')
    .add(`outcome.${outcomeOf(item.rounds.at(-1) as Round)}`)
    .add('decisions', decisions)
    .add('closings', closings)
    .add('openAtBeginning', item.rounds.filter((round) => isOpenAt(round, question.from)).length)
    .add('put', timesOpened(item, question.from))
    .add('flag.selfReview', lines.filter(isSelfReview).length)
    .add('flag.reviewerIsGrantor', lines.filter(isByGrantor).length)
    .addIf(!account || lines.some(({ answer, decider }) => answer?.data.by && !decider), 'flag.unknownAccount')
    .addIf(!role, 'flag.unknownRole')
    .addIf(!review, 'flag.unknownReview')
    .add('flag.unknownProof', item.rounds.filter(isUnproved).length);
  if (role) tally.add(`application.${role.application}`, lines.length);
  return { rows: lines.map((line) => layout.row(line, question.personal)), counts: tally.counts };
}

const isWithin = ({ from }: Question, at: string): boolean => from === null || at > from;

/** How many decisions and closings of an item fall into the period. */
function happenedWithin(question: Question, { rounds }: ReviewedItem): readonly [number, number] {
  const decisions = rounds.flatMap(({ answers }) => answers).filter(({ at }) => isWithin(question, at));
  const closings = rounds.filter(({ end }) => end !== null && isWithin(question, end.at));
  return [decisions.length, closings.length];
}

/** Why an item is not among those asked about; null where it is. */
function whyNotAsked(
  { filter }: Question,
  { data }: ReviewedItem,
  role: KnownLine['role'],
): 'filter' | 'unknownRole' | null {
  const wanted: readonly (readonly [unknown, unknown])[] = [
    [filter.account, data.account],
    [filter.role, data.role],
    [filter.connection, data.source?.connection],
    [filter.privileged, data.privileged],
    [filter.review, data.review],
    [filter.policy, data.policy],
  ];
  if (wanted.some(([asked, actual]) => asked !== undefined && asked !== actual)) return 'filter';
  if (filter.application === undefined || filter.application === role?.application) return null;
  return role ? 'filter' : 'unknownRole';
}
