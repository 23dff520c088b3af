import type { AccountAsOf, RoleAsOf } from '#libs/read-model';
import type { CellOf } from '../../histories/row-layout.js';
import type { GoesOnAs } from './merges-known.js';
import type { ReviewFacts } from './review-facts.js';
import { type Answer, outcomeOf, type ReviewedItem, type Round } from './review-item.fold.js';

/** One answer of an item, or that there is none. */
export interface ReviewLine {
  readonly item: ReviewedItem;
  readonly round: Round;
  readonly roundNumber: number;
  readonly answer: Answer | null;
  /** Among all answers of the item, from 1; 0 where there is none. */
  readonly answerNumber: number;
  readonly isLast: boolean;
}

/** A line with what is known about whom and what it names, at the end of the question. */
export interface KnownLine extends ReviewLine {
  /** Whether the question was before reviewers when the period began. */
  readonly openAtBeginning: boolean;
  readonly review: ReviewFacts | undefined;
  readonly account: AccountAsOf | undefined;
  readonly decider: AccountAsOf | undefined;
  readonly role: RoleAsOf | undefined;
  /** When the proof was recorded. */
  readonly appliedAt: Date | undefined;
  readonly goesOnAs: GoesOnAs;
}

type Deciding = Pick<KnownLine, 'item' | 'answer' | 'goesOnAs'>;

/** The lines of an item: one for every answer, and one for every time that the question was put without being answered. */
export function linesOf(item: ReviewedItem): ReviewLine[] {
  let answerNumber = 0;
  const lines = item.rounds.flatMap((round, index) => {
    const answers: readonly (Answer | null)[] = round.answers.length > 0 ? round.answers : [null];
    return answers.map((answer) => {
      if (answer) answerNumber += 1;
      return { item, round, roundNumber: index + 1, answer, answerNumber: answer ? answerNumber : 0 };
    });
  });
  return lines.map((line, index) => ({ ...line, isLast: index === lines.length - 1 }));
}

/** Answers that say what shall become of access: whoever abstains or passes an item on keeps out of it. */
const SETTLING: ReadonlySet<string> = new Set(['certify', 'revoke', 'reduce']);

const settlesIn = ({ answer }: Pick<ReviewLine, 'answer'>): Answer['data'] | null =>
  answer !== null && SETTLING.has(answer.data.decision) ? answer.data : null;

/** Whether somebody decided about what they hold themselves. */
export function isSelfReview({ item, answer, goesOnAs }: Deciding): boolean {
  const settling = settlesIn({ answer });
  if (settling === null) return false;
  const own = settling.by !== null && goesOnAs(settling.by) === goesOnAs(item.data.account);
  return own || settling.flags.includes('ownGrant');
}

const ACCOUNT = 'account:';

/** Whether somebody decided about what they gave or approved themselves. */
export function isByGrantor({ item, answer, goesOnAs }: Deciding): boolean {
  const settling = settlesIn({ answer });
  if (settling === null) return false;
  const grantor = item.data.source?.actor ?? '';
  const gave =
    settling.by !== null &&
    grantor.startsWith(ACCOUNT) &&
    goesOnAs(settling.by) === goesOnAs(grantor.slice(ACCOUNT.length));
  return gave || settling.flags.includes('approvedByReviewer');
}

/** The columns of the report of reviews. */
export const REVIEW_CELLS: readonly CellOf<KnownLine>[] = [
  { name: 'review', type: 'text', means: 'Id of the access review.', of: ({ item }) => item.data.review },
  {
    name: 'reviewTitle',
    type: 'text',
    means: 'What the review is called, as whoever opened it wrote.',
    personal: true,
    of: ({ review }) => review?.title ?? null,
  },
  {
    name: 'policy',
    type: 'text',
    means: 'The policy that asked for the review; empty where a person, or nothing but an event, did.',
    of: ({ item }) => item.data.policy,
  },
  {
    name: 'policyVersion',
    type: 'integer',
    means: 'Version of the policy under which the review began; empty without a policy.',
    of: ({ review }) => review?.policyVersion ?? null,
  },
  {
    name: 'control',
    type: 'text',
    means: 'The control that the review is evidence for, as its policy names it; empty where it names none.',
    of: ({ review }) => review?.control ?? null,
  },
  {
    name: 'cause',
    type: 'text',
    means: 'Why the question was put: the trigger of the review, schedule, adHoc, or what else opens reviews.',
    of: ({ item }) => item.data.trigger.reason,
  },
  {
    name: 'causeEvent',
    type: 'text',
    means: 'Id of the event that opened the review; empty where none did.',
    of: ({ item }) => item.data.trigger.event,
  },
  {
    name: 'item',
    type: 'text',
    means: 'Id of the review item: one question about one grant.',
    of: ({ item }) => item.data.item,
  },
  { name: 'openedAt', type: 'instant', means: 'When the item was opened.', of: ({ item }) => item.openedAt },
  {
    name: 'openAtBeginning',
    type: 'boolean',
    means:
      'Whether this question was put before the period and open when it began. Decisions from before the period stand in the report as what came before, if the item was not closed then.',
    of: ({ openAtBeginning }) => openAtBeginning,
  },
  {
    name: 'account',
    type: 'text',
    means: 'Id of the account whose access is reviewed.',
    of: ({ item }) => item.data.account,
  },
  {
    name: 'userName',
    type: 'text',
    means: 'User name of that account at the end of the period; empty where the account is not known.',
    personal: true,
    of: ({ account }) => account?.userName ?? null,
  },
  {
    name: 'grant',
    type: 'text',
    means: 'Id of the grant in question; empty where a role was kept back and nothing is granted.',
    of: ({ item }) => item.data.grant,
  },
  { name: 'role', type: 'text', means: 'The role in question.', of: ({ item }) => item.data.role },
  {
    name: 'application',
    type: 'text',
    means: 'Application of the role at the end of the period; empty where the catalogue does not have the role.',
    of: ({ role }) => role?.application ?? null,
  },
  {
    name: 'privileged',
    type: 'boolean',
    means: 'Whether the role was privileged when the item was opened.',
    of: ({ item }) => item.data.privileged,
  },
  {
    name: 'sourceKind',
    type: 'text',
    means: 'What gave the grant: rule, manual, elevation or import; empty without a grant.',
    of: ({ item }) => item.data.source?.kind ?? null,
  },
  {
    name: 'connection',
    type: 'text',
    means: 'Connection whose rule gave the grant; empty where no rule did.',
    of: ({ item }) => item.data.source?.connection ?? null,
  },
  {
    name: 'rule',
    type: 'text',
    means: 'The rule that gave the grant, as rule@version; empty where no rule did.',
    of: ({ item }) => ruleOf(item),
  },
  {
    name: 'round',
    type: 'integer',
    means: 'How often the question had been put, from 1: it is put again when what was certified has changed.',
    of: ({ roundNumber }) => roundNumber,
  },
  {
    name: 'dueAt',
    type: 'instant',
    means: 'When the time to answer was over, as set when the question was put.',
    of: ({ round }) => round.dueAt,
  },
  {
    name: 'reviewers',
    type: 'list',
    means: 'Ids of the accounts that were asked last in this round.',
    of: ({ round }) => round.reviewers,
  },
  {
    name: 'reviewersAs',
    type: 'text',
    means: 'How they were found: manager, roleOwner, applicationOwner, self, named, fallback or nobody.',
    of: ({ round }) => round.reviewersAs,
  },
  {
    name: 'recommendation',
    type: 'text',
    means: 'What was recommended to the reviewers: certify, revoke or none.',
    of: ({ item }) => item.data.recommendation.decision,
  },
  {
    name: 'recommendationBecause',
    type: 'list',
    means: 'What the recommendation rested on, as it was shown.',
    of: ({ item }) => item.data.recommendation.because,
  },
  {
    name: 'decisionNumber',
    type: 'integer',
    means: 'Which of the decisions about the item this is, from 1; 0 for a row without a decision.',
    of: ({ answerNumber }) => answerNumber,
  },
  {
    name: 'stage',
    type: 'integer',
    means: 'Stage in which was decided, from 1; empty without a decision.',
    of: ({ answer }) => (answer ? answer.data.stage + 1 : null),
  },
  { name: 'stages', type: 'integer', means: 'How many stages the item has.', of: ({ item }) => item.data.stages },
  {
    name: 'decision',
    type: 'text',
    means: 'What was decided: certify, revoke, reduce, abstain, reassign or delegate; empty where nobody answered.',
    of: ({ answer }) => answer?.data.decision ?? null,
  },
  {
    name: 'decidedBy',
    type: 'text',
    means:
      'Id of the account that decided; empty where the policy did because nobody answered, and without a decision.',
    of: ({ answer }) => answer?.data.by ?? null,
  },
  {
    name: 'decidedByName',
    type: 'text',
    means: 'User name of who decided, at the end of the period.',
    personal: true,
    of: ({ decider }) => decider?.userName ?? null,
  },
  {
    name: 'via',
    type: 'text',
    means: 'Through what was decided: session for a person at a page, apiKey, or system.',
    of: ({ answer }) => answer?.data.decidedVia ?? null,
  },
  {
    name: 'apiKey',
    type: 'text',
    means: 'Id of the API key that sent the decision; empty where none did.',
    of: ({ answer }) => answer?.data.apiKey ?? null,
  },
  { name: 'decidedAt', type: 'instant', means: 'When it was decided.', of: ({ answer }) => answer?.at ?? null },
  {
    name: 'until',
    type: 'instant',
    means: 'For reduce: when the grant is to end.',
    of: ({ answer }) => answer?.data.until ?? null,
  },
  {
    name: 'passedOnTo',
    type: 'text',
    means: 'For reassign and delegate: id of the account that was asked then.',
    of: ({ answer }) => answer?.data.to ?? null,
  },
  {
    name: 'reason',
    type: 'text',
    means: 'Why, in the words of who decided; empty where nothing was said.',
    personal: true,
    of: ({ answer }) => answer?.data.reason ?? null,
  },
  {
    name: 'bulk',
    type: 'boolean',
    means: 'Whether several items were decided at once; empty without a decision.',
    of: ({ answer }) => answer?.data.bulk ?? null,
  },
  {
    name: 'tookMs',
    type: 'integer',
    means: 'Milliseconds from showing the item to the decision; empty where no page could tell.',
    of: ({ answer }) => answer?.data.tookMs ?? null,
  },
  {
    name: 'selfReview',
    type: 'boolean',
    means:
      'Whether somebody certified, revoked or reduced their own access; also that of another account which is known to be theirs by a merge, whenever that was.',
    of: isSelfReview,
  },
  {
    name: 'reviewerIsGrantor',
    type: 'boolean',
    means:
      'Whether somebody certified, revoked or reduced access that they had given or approved themselves, or given under another account which is known to be theirs by a merge.',
    of: isByGrantor,
  },
  {
    name: 'outcome',
    type: 'text',
    means:
      'What this round came to: certified, revoked, reduced, abstained (time ran out and everybody who answered had abstained), carriedForward, moot (the grant had ended), expired (nobody decided), putAgain (what an earlier stage had certified changed, so that the question began anew) or open (not closed at the end of the period).',
    of: ({ round }) => outcomeOf(round),
  },
  {
    name: 'closedAt',
    type: 'instant',
    means: 'When this round was closed; empty while it is open.',
    of: ({ round }) => round.end?.at ?? null,
  },
  {
    name: 'appliedAt',
    type: 'instant',
    means:
      'When the event that proves the outcome was recorded: for revoked and reduced, when access ended or got its end.',
    of: ({ appliedAt }) => appliedAt?.toISOString() ?? null,
  },
  {
    name: 'effectMs',
    type: 'integer',
    means: 'Milliseconds from the decision to its effect on the account; empty where nothing had to take effect.',
    of: ({ round }) => round.end?.effectAfterMs ?? null,
  },
  {
    name: 'proof',
    type: 'text',
    means:
      'Id of the event that made the outcome so: what ended or shortened the grant, or the earlier decision that was carried forward; empty for certified and expired.',
    of: ({ round }) => round.end?.because ?? null,
  },
  {
    name: 'decisionEvent',
    type: 'text',
    means: 'Id of the event that records the decision; empty without one.',
    of: ({ answer }) => answer?.event ?? null,
  },
  {
    name: 'lastOfItem',
    type: 'boolean',
    means: 'True in exactly one row of every item, its last: counted by outcome, these rows are the population.',
    of: ({ isLast }) => isLast,
  },
  {
    name: 'position',
    type: 'integer',
    means: 'Position in the log of the event that opened the item.',
    of: ({ item }) => item.position,
  },
];

function ruleOf({ data: { source } }: ReviewedItem): string | null {
  return source?.rule ? `${source.rule}@${source.ruleVersion}` : null;
}
