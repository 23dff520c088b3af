import type {
  ReviewDecisionRecorded,
  ReviewItemClosed,
  ReviewItemEvent,
  ReviewItemOpened,
  ReviewItemReopened,
} from '#libs/contracts';
import type { RecordedEvent } from '#libs/kernel';
import type { Assignment } from './review-item.commands.js';

/** What settles a stage, or the whole question. */
export type Settling = 'certify' | 'revoke' | 'reduce';

/** A decision that settles, as it was recorded. */
export interface ItemDecision extends Pick<ReviewDecisionRecorded['data'], 'until' | 'by' | 'apiKey' | 'reason'> {
  readonly decision: Settling;
  readonly via: ReviewDecisionRecorded['data']['decidedVia'];
  readonly stage: number;
  /** Id of the event. */
  readonly event: string;
  readonly at: string;
  readonly correlationId: string;
}

/** A review item as a fold of its stream. */
export interface ReviewItemState extends Assignment {
  readonly id: string;
  readonly review: string;
  readonly policy: string | null;
  readonly trigger: ReviewItemOpened['data']['trigger'] | null;
  /** `revoking`: decided to revoke or reduce, and the effect is not confirmed yet. */
  readonly status: 'absent' | 'open' | 'revoking' | 'closed';
  readonly account: string;
  readonly grant: string | null;
  readonly role: string;
  readonly source: ReviewItemOpened['data']['source'];
  readonly privileged: boolean;
  /** As it was last asked or decided about. */
  readonly fingerprint: string;
  readonly recommendation: ReviewItemOpened['data']['recommendation'];
  readonly stage: number;
  readonly stages: number;
  readonly stageBeganAt: string;
  readonly stageDueAt: string;
  readonly dueAt: string;
  readonly openedAt: string;
  /** Whether others were asked as well in this stage because time ran out. */
  readonly escalated: boolean;
  /** When this stage was last reminded of. */
  readonly remindedAt: string | null;
  /** Since when each reviewer has been asked in this stage, by account. */
  readonly askedSince: Readonly<Record<string, string>>;
  /** Reviewers who were reminded since. */
  readonly reminded: readonly string[];
  /** Who certified an earlier stage since the question was last put. */
  readonly certifiedBy: readonly string[];
  /** Last of those that settle, since the question was last put; null while there is none. */
  readonly decision: ItemDecision | null;
  readonly outcome: ReviewItemClosed['data']['outcome'] | null;
}

/** An item that was never opened. */
export const NO_ITEM: ReviewItemState = {
  id: '',
  review: '',
  policy: null,
  trigger: null,
  status: 'absent',
  account: '',
  grant: null,
  role: '',
  source: null,
  privileged: false,
  fingerprint: '',
  reviewers: [],
  reviewersAs: 'nobody',
  flags: [],
  recommendation: { decision: 'none', because: [] },
  stage: 0,
  stages: 1,
  stageBeganAt: '',
  stageDueAt: '',
  dueAt: '',
  openedAt: '',
  escalated: false,
  remindedAt: null,
  askedSince: {},
  reminded: [],
  certifiedBy: [],
  decision: null,
  outcome: null,
};

/**
 * Whether what was certified is not what the account holds now, so that the question has to be put again.
 * @param fingerprint HMAC of what `fingerprintOf` answers now
 */
export function needsReopening(state: ReviewItemState, fingerprint: string): boolean {
  const certified =
    state.status === 'closed'
      ? state.outcome === 'certified' || state.outcome === 'carriedForward'
      : state.status === 'open' && state.stage > 0;
  return certified && fingerprint !== state.fingerprint;
}

/** Folds one fact into an item. Exhaustive: a fact that it does not know is an error, never skipped. */
export function evolveItem(state: ReviewItemState, event: RecordedEvent & ReviewItemEvent): ReviewItemState {
  switch (event.type) {
    case 'ReviewItemOpened':
      return opened(event.data, event.recordedAt);
    case 'ReviewItemAssigned': {
      const { reviewers, reviewersAs, flags, stage, stageDueAt, why } = event.data;
      const begins = why === 'next-stage' || why === 'reopened';
      const fresh = { stageBeganAt: event.recordedAt, escalated: false, remindedAt: null };
      return {
        ...state,
        ...(begins ? fresh : { escalated: state.escalated || why === 'escalated' }),
        ...asked(begins ? NO_ITEM : state, reviewers, event.recordedAt),
        reviewers,
        reviewersAs,
        flags,
        stage,
        stageDueAt,
      };
    }
    case 'ReviewItemReminded':
      return { ...state, remindedAt: event.recordedAt, reminded: event.data.reviewers };
    case 'ReviewDecisionRecorded':
      return decided(state, event);
    case 'ReviewItemClosed': {
      const { outcome, fingerprint } = event.data;
      return { ...state, status: 'closed', outcome, fingerprint };
    }
    case 'ReviewItemReopened':
      return reopened(state, event.data);
    default:
      throw new TypeError(`A review item cannot fold ${(event as { type: string }).type}.`);
  }
}

function opened({ item, ...data }: ReviewItemOpened['data'], at: string): ReviewItemState {
  const { askedSince } = asked(NO_ITEM, data.reviewers, at);
  return { ...NO_ITEM, ...data, id: item, status: 'open', openedAt: at, stageBeganAt: at, askedSince };
}

/** Whoever was asked before and still is has been asked since then. */
function asked(state: ReviewItemState, reviewers: readonly string[], at: string) {
  const askedSince = Object.fromEntries(reviewers.map((account) => [account, state.askedSince[account] ?? at]));
  return { askedSince, reminded: state.reminded.filter((account) => account in askedSince) };
}

function decided(state: ReviewItemState, event: RecordedEvent & ReviewDecisionRecorded): ReviewItemState {
  const { decision, until, by, decidedVia, apiKey, reason, stage, fingerprint } = event.data;
  if (decision === 'abstain') return { ...state, reviewers: state.reviewers.filter((reviewer) => reviewer !== by) };
  // whom it was passed on to is said by the assignment that follows
  if (decision === 'reassign' || decision === 'delegate') return state;
  const { id, recordedAt: at, metadata } = event;
  return {
    ...state,
    status: decision === 'certify' ? 'open' : 'revoking',
    certifiedBy: decision === 'certify' && by !== null ? [...state.certifiedBy, by] : state.certifiedBy,
    fingerprint,
    decision: {
      decision,
      until,
      by,
      via: decidedVia,
      apiKey,
      reason,
      stage,
      event: id,
      at,
      correlationId: metadata.correlationId,
    },
  };
}

/** Who is asked, and in which stage, is said by the assignment that follows. */
function reopened(state: ReviewItemState, data: ReviewItemReopened['data']): ReviewItemState {
  const { fingerprint, stageDueAt, dueAt } = data;
  const anew = { status: 'open', outcome: null, decision: null, reviewers: [], certifiedBy: [] } as const;
  return { ...state, ...anew, fingerprint, stageDueAt, dueAt };
}
