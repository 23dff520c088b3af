import type {
  ReviewDecisionRecorded,
  ReviewItemAssigned,
  ReviewItemClosed,
  ReviewItemEvent,
  ReviewItemOpened,
  ReviewItemReopened,
} from '#libs/contracts';
import type { SealedEvent } from '#libs/kernel';

/** What an item came to, each item under exactly one. */
export const OUTCOMES = [
  'certified',
  'revoked',
  'reduced',
  'abstained',
  'carriedForward',
  'moot',
  'expired',
  'open',
] as const;

/** One of them, or that the question was put again before it came to anything. */
export type Outcome = (typeof OUTCOMES)[number] | 'putAgain';

/** What somebody answered, or the policy in place of everybody. */
export interface Answer {
  /** Id of the event. */
  readonly event: string;
  readonly at: string;
  readonly position: number;
  readonly data: ReviewDecisionRecorded['data'];
}

/** Once that the question was put: at first, and again whenever what was certified had changed. */
export interface Round {
  readonly putAt: string;
  readonly dueAt: string;
  /** Whom it asked last, accounts. */
  readonly reviewers: readonly string[];
  readonly reviewersAs: ReviewItemOpened['data']['reviewersAs'];
  readonly answers: readonly Answer[];
  /** Null while nothing has closed it. */
  readonly end: (ReviewItemClosed['data'] & { readonly at: string }) | null;
  /** When it was put again before anything had closed it, as happens between two stages; null otherwise. */
  readonly putAgainAt: string | null;
}

/** A review item with everything that was answered. */
export interface ReviewedItem {
  readonly data: ReviewItemOpened['data'];
  readonly openedAt: string;
  readonly position: number;
  /** At least one. */
  readonly rounds: readonly Round[];
}

type ItemEvent = SealedEvent & ReviewItemEvent;

/** Folds an item out of its events, the first of which opens it. @throws {TypeError} when it does not, or for a fact that it does not know */
export function foldReviewItem(events: readonly SealedEvent[]): ReviewedItem {
  const [first, ...later] = events as readonly ItemEvent[];
  if (first?.type !== 'ReviewItemOpened') throw new TypeError('A review item begins with its opening.');
  const { data, recordedAt: openedAt, position } = first;
  const round = { putAt: openedAt, dueAt: data.dueAt, answers: [], end: null, putAgainAt: null, ...asked(data) };
  return { data, openedAt, position, rounds: later.reduce<readonly Round[]>(evolve, [round]) };
}

function evolve(rounds: readonly Round[], event: ItemEvent): readonly Round[] {
  const round = rounds.at(-1) as Round;
  const changed = (what: Partial<Round>) => [...rounds.slice(0, -1), { ...round, ...what }];
  switch (event.type) {
    case 'ReviewItemAssigned':
      return changed(asked(event.data));
    case 'ReviewItemReminded':
      return rounds;
    case 'ReviewDecisionRecorded':
      return changed({ answers: [...round.answers, answerOf(event, event.data)] });
    case 'ReviewItemClosed':
      return changed({ end: { ...event.data, at: event.recordedAt } });
    case 'ReviewItemReopened':
      return [
        ...(round.end === null ? changed({ putAgainAt: event.recordedAt }) : rounds),
        putAgain(round, event.recordedAt, event.data),
      ];
    default:
      throw new TypeError(`A review item cannot fold ${event.type}.`);
  }
}

const asked = ({ reviewers, reviewersAs }: Pick<ReviewItemAssigned['data'], 'reviewers' | 'reviewersAs'>) => ({
  reviewers,
  reviewersAs,
});

const answerOf = ({ id: event, recordedAt: at, position }: SealedEvent, data: Answer['data']): Answer => ({
  event,
  at,
  position,
  data,
});

/** Who is asked is said by the assignment that follows. */
const putAgain = ({ reviewersAs }: Round, putAt: string, { dueAt }: ReviewItemReopened['data']): Round => ({
  putAt,
  dueAt,
  reviewers: [],
  reviewersAs,
  answers: [],
  end: null,
  putAgainAt: null,
});

/** Whether a question had been put by an instant and nothing had closed it, nor put it again; null is the beginning of the log. */
export function isOpenAt({ putAt, end, putAgainAt }: Round, at: string | null): boolean {
  const over = end?.at ?? putAgainAt;
  return at !== null && putAt <= at && (over === null || over > at);
}

/** How often an item became open in a period that begins after an instant: a question that is put again while it is open was open already. */
export const timesOpened = ({ rounds }: ReviewedItem, from: string | null): number =>
  rounds.filter(
    ({ putAt }, index) => (from === null || putAt > from) && (rounds[index - 1]?.putAgainAt ?? null) === null,
  ).length;

/** Whether nothing was left to be asked about an item at an instant, nor has been since: its last question was closed by then. */
export function isClosedBefore({ rounds }: ReviewedItem, at: string | null): boolean {
  const end = rounds.at(-1)?.end ?? null;
  return at !== null && end !== null && end.at <= at;
}

/**
 * What a question that was put came to. Open is what nothing has closed, decided or not: a decision counts once it has taken effect.
 * Abstained is what ran out of time when everybody who answered had abstained.
 */
export function outcomeOf({ end, answers, putAgainAt }: Round): Outcome {
  if (end === null) return putAgainAt === null ? 'open' : 'putAgain';
  if (end.outcome !== 'expired') return end.outcome;
  const settling = answers.filter(({ data }) => data.decision !== 'reassign' && data.decision !== 'delegate');
  return settling.length > 0 && settling.every(({ data }) => data.decision === 'abstain') ? 'abstained' : 'expired';
}
