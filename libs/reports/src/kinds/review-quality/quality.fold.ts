/** A decision as far as the quality of reviewing goes. */
export interface Judgement {
  readonly review: string;
  readonly policy: string | null;
  /** Account that decided. */
  readonly reviewer: string;
  /** Whose access it was about. */
  readonly account: string;
  readonly role: string;
  readonly decision: 'certify' | 'revoke' | 'reduce' | 'abstain';
  /** ISO-8601 UTC with milliseconds. */
  readonly at: string;
  readonly position: number;
  readonly tookMs: number | null;
  readonly bulk: boolean;
  /** What was recommended when the item was opened. */
  readonly recommended: 'certify' | 'revoke' | 'none';
}

/** An administrator let rules give a role again that somebody's decision had taken. */
export interface Lift {
  readonly account: string;
  readonly role: string;
  readonly at: string;
}

/** How one person decided in one review. */
export interface Quality {
  readonly review: string;
  readonly policy: string | null;
  readonly reviewer: string;
  readonly decided: number;
  readonly certified: number;
  readonly revoked: number;
  readonly reduced: number;
  readonly abstained: number;
  /** Decisions of which is known how long they took, and the median of that in seconds. */
  readonly timed: number;
  readonly medianSeconds: number | null;
  readonly bulk: number;
  /** Decisions other than abstentions about items with a recommendation, and how many followed it. */
  readonly recommended: number;
  readonly agreed: number;
  readonly reversed: number;
  readonly firstAt: string;
  readonly lastAt: string;
  /** Position of the first of them. */
  readonly position: number;
}

/** How long after a decision a contradiction counts as its reversal, days. */
export const REVERSED_WITHIN_DAYS = 90;
const WINDOW_MS = REVERSED_WITHIN_DAYS * 86_400_000;

/**
 * How people decided, one entry for each of them and each review, in the order of their first decisions. A decision to keep is reversed by a
 * later one to take the same role from the same account, and the other way round; one to take also by a withholding lifted by hand. Whose
 * decision that is does not matter, nor whether it is of another stage or another review.
 */
export function qualityOf(judgements: readonly Judgement[], lifts: readonly Lift[]): Quality[] {
  const contradictions = contradictionsIn(judgements, lifts);
  const groups = Map.groupBy(inOrder(judgements), ({ review, reviewer }) => `${review} ${reviewer}`);
  return [...groups.values()].map((group) => qualityIn(group, contradictions));
}

const inOrder = (judgements: readonly Judgement[]): Judgement[] =>
  [...judgements].sort((a, b) => a.position - b.position);

type Sense = 'keep' | 'take';

const SENSES: Readonly<Record<Judgement['decision'], Sense | null>> = {
  certify: 'keep',
  revoke: 'take',
  reduce: 'take',
  abstain: null,
};

const keyOf = ({ account, role }: Pick<Judgement, 'account' | 'role'>): string => `${account} ${role}`;

/** When something was said about a role of an account, each in one sense. */
function contradictionsIn(
  judgements: readonly Judgement[],
  lifts: readonly Lift[],
): ReadonlyMap<string, readonly { readonly sense: Sense; readonly ms: number }[]> {
  const said = [
    ...judgements.flatMap((each) => {
      const sense = SENSES[each.decision];
      return sense ? [{ key: keyOf(each), sense, ms: Date.parse(each.at) }] : [];
    }),
    ...lifts.map((lift) => ({ key: keyOf(lift), sense: 'keep' as const, ms: Date.parse(lift.at) })),
  ];
  return Map.groupBy(said, ({ key }) => key);
}

function isReversed(judgement: Judgement, contradictions: ReturnType<typeof contradictionsIn>): boolean {
  const sense = SENSES[judgement.decision];
  const ms = Date.parse(judgement.at);
  const later = contradictions.get(keyOf(judgement)) ?? [];
  return sense !== null && later.some((each) => each.sense !== sense && each.ms > ms && each.ms <= ms + WINDOW_MS);
}

function qualityIn(group: readonly Judgement[], contradictions: ReturnType<typeof contradictionsIn>): Quality {
  const [first, last] = [group[0] as Judgement, group.at(-1) as Judgement];
  const count = (holds: (each: Judgement) => boolean) => group.filter(holds).length;
  const decidedAs = (decision: Judgement['decision']) => count((each) => each.decision === decision);
  const times = group.flatMap(({ tookMs }) => tookMs ?? []);
  const advised = group.filter(({ decision, recommended }) => decision !== 'abstain' && recommended !== 'none');
  const { review, policy, reviewer, position } = first;
  return {
    review,
    policy,
    reviewer,
    decided: group.length,
    certified: decidedAs('certify'),
    revoked: decidedAs('revoke'),
    reduced: decidedAs('reduce'),
    abstained: decidedAs('abstain'),
    timed: times.length,
    medianSeconds: medianSeconds(times),
    bulk: count(({ bulk }) => bulk),
    recommended: advised.length,
    agreed: advised.filter(agrees).length,
    reversed: count((each) => isReversed(each, contradictions)),
    firstAt: first.at,
    lastAt: last.at,
    position,
  };
}

/** Shortening goes the way of taking. */
const agrees = ({ decision, recommended }: Judgement): boolean =>
  SENSES[decision] === (recommended === 'certify' ? 'keep' : 'take');

/** The middle of some times in milliseconds, of an even number the mean of the two in the middle; in seconds with three places. */
function medianSeconds(times: readonly number[]): number | null {
  if (times.length === 0) return null;
  const sorted = [...times].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] as number;
  const lower = sorted.length % 2 === 1 ? upper : (sorted[half - 1] as number);
  return Math.round((lower + upper) / 2) / 1000;
}
