import type { AccessReviewEvent, AccessReviewOpened, AccessReviewSignedOff, ReviewPolicy } from '#libs/contracts';
import {
  type Actor,
  type Command,
  type Decider,
  durationMs,
  instantAfter,
  personBehind,
  type RecordedEvent,
  senderOf,
} from '#libs/kernel';
import {
  AccessReviewBuildingError,
  AccessReviewClosedError,
  AccessReviewHeldError,
  AccessReviewNotFinishedError,
  AccessReviewNotFoundError,
  AccessReviewSignedOffError,
  SignOffByReviewerError,
  SignOffNotAllowedError,
} from './access-review.errors.js';
import { ReviewReasonRequiredError } from './review-item.errors.js';

/** Begins a review. It is due when the time that its terms give is over. */
export type OpenReview = Command<'OpenReview', Omit<AccessReviewOpened['data'], 'dueAt'>>;

/** Says that every item is there. */
export type MarkPopulated = Command<
  'MarkPopulated',
  {
    readonly items: number;
    /** Of those, closed at once. */
    readonly carriedForward: number;
  }
>;

/** Stops a review whose silence would revoke too much, until somebody confirms. */
export type HoldReview = Command<
  'HoldReview',
  {
    readonly revocations: number;
    /** Of the whole review. */
    readonly items: number;
    readonly limit: number;
    /** SHA-256 (hex) of what `silence` answers as `confirmable`. */
    readonly confirm: string;
  }
>;

/** Ends a review: everything is decided, its time is over, or somebody ends it. */
export type CloseReview = Command<
  'CloseReview',
  {
    readonly code: 'complete' | 'overdue' | 'by-hand';
    /** How many items came to what. */
    readonly outcomes: Readonly<Record<string, number>>;
    /** What a held review says has to be repeated; null elsewhere. */
    readonly confirm: string | null;
    /** Required by hand. */
    readonly reason: string | null;
  }
>;

/** Says of a finished review that it was done properly. */
export type SignOffReview = Command<
  'SignOffReview',
  Omit<AccessReviewSignedOff['data'], 'review'> & {
    /** Accounts that decided about any item, whatever they decided. */
    readonly deciders: ReadonlySet<string>;
    /** Whether `by` holds the right of an owner. */
    readonly mayOwn: boolean;
    /** Account of whom the terms name; null where they name nobody, or nobody of that name is active. */
    readonly signOff: string | null;
  }
>;

/** Everything that is asked of an access review. */
export type AccessReviewCommand = OpenReview | MarkPopulated | HoldReview | CloseReview | SignOffReview;

/** An access review as a fold of its stream. */
export interface AccessReviewState {
  readonly id: string;
  readonly status: 'absent' | 'building' | 'open' | 'held' | 'closed' | 'signedOff';
  readonly title: string;
  readonly policy: string | null;
  readonly policyVersion: number | null;
  readonly trigger: AccessReviewOpened['data']['trigger'] | null;
  /** Null only while it is absent. */
  readonly terms: ReviewPolicy | null;
  readonly account: string | null;
  readonly knownAt: number | null;
  readonly openedAt: string;
  readonly dueAt: string;
  readonly openedBy: Actor | null;
  readonly items: number;
  readonly carriedForward: number;
  readonly hold: HoldReview['data'] | null;
  /** How often it was held: what waits may change and change back. */
  readonly holds: number;
  readonly code: CloseReview['data']['code'] | null;
}

const NO_REVIEW: AccessReviewState = {
  id: '',
  status: 'absent',
  title: '',
  policy: null,
  policyVersion: null,
  trigger: null,
  terms: null,
  account: null,
  knownAt: null,
  openedAt: '',
  dueAt: '',
  openedBy: null,
  items: 0,
  carriedForward: 0,
  hold: null,
  holds: 0,
  code: null,
};

/**
 * A review from its opening to the signature under it. What its items come to is decided on their own streams; of them a review knows
 * numbers only. Opening, populating, holding and closing by the system can be repeated and change nothing the second time.
 */
export const accessReviewDecider: Decider<AccessReviewCommand, AccessReviewState, AccessReviewEvent> = {
  initialState: NO_REVIEW,
  decide,
  evolve: (state, event) => evolve(state, event as RecordedEvent & AccessReviewEvent),
};

function decide(command: AccessReviewCommand, state: AccessReviewState): readonly AccessReviewEvent[] {
  if (command.type === 'OpenReview') return open(command, state);
  if (state.status === 'absent') throw new AccessReviewNotFoundError();
  switch (command.type) {
    case 'MarkPopulated':
      return populate(command, state);
    case 'HoldReview':
      return hold(command, state);
    case 'CloseReview':
      return close(command, state);
    case 'SignOffReview':
      return signOff(command, state);
  }
}

function open({ data, metadata }: OpenReview, state: AccessReviewState): AccessReviewEvent[] {
  if (state.status !== 'absent') return [];
  const dueAt = instantAfter(metadata.now, durationMs(data.terms.due));
  return [{ type: 'AccessReviewOpened', data: { ...data, dueAt } }];
}

/** A review in which nothing is left to decide is complete as soon as it is there. */
function populate({ data, metadata }: MarkPopulated, state: AccessReviewState): AccessReviewEvent[] {
  if (state.status !== 'building') return [];
  const { items, carriedForward } = data;
  const tookMs = Math.max(0, Date.parse(metadata.now) - Date.parse(state.openedAt));
  const outcomes: Record<string, number> = carriedForward > 0 ? { carriedForward } : {};
  return [
    { type: 'AccessReviewPopulated', data: { review: state.id, items, carriedForward, tookMs } },
    ...(items === carriedForward ? [closed(state, { code: 'complete', outcomes, reason: null })] : []),
  ];
}

function hold({ data }: HoldReview, state: AccessReviewState): AccessReviewEvent[] {
  const waits = state.status === 'open' || (state.status === 'held' && state.hold?.confirm !== data.confirm);
  return waits ? [{ type: 'AccessReviewHeld', data: { review: state.id, ...data } }] : [];
}

function close({ data }: CloseReview, state: AccessReviewState): AccessReviewEvent[] {
  const byHand = data.code === 'by-hand';
  if (state.status === 'closed' || state.status === 'signedOff') {
    if (byHand) throw new AccessReviewClosedError();
    return [];
  }
  if (state.status === 'building') throw new AccessReviewBuildingError();
  if (byHand && !data.reason?.trim()) throw new ReviewReasonRequiredError('close');
  if (state.hold && data.code !== 'complete' && data.confirm !== state.hold.confirm)
    throw new AccessReviewHeldError(state.hold);
  return [closed(state, data)];
}

const closed = (
  { id }: AccessReviewState,
  { code, outcomes, reason }: Pick<CloseReview['data'], 'code' | 'outcomes' | 'reason'>,
): AccessReviewEvent => ({
  type: 'AccessReviewClosed',
  data: { review: id, code, outcomes: { ...outcomes }, reason },
});

/** Who decided in it never signs; if that is the one whom the terms name, any owner may instead, else nobody ever could. */
function signOff({ data, metadata }: SignOffReview, state: AccessReviewState): AccessReviewEvent[] {
  if (state.status === 'signedOff') throw new AccessReviewSignedOffError();
  if (state.status !== 'closed') throw new AccessReviewNotFinishedError();
  const { by, via, apiKey, reason, deciders } = data;
  const person = personBehind(metadata, senderOf(metadata));
  if (deciders.has(by) || deciders.has(person.replace(/^account:/, ''))) throw new SignOffByReviewerError();
  const named = data.signOff !== null && !deciders.has(data.signOff) ? data.signOff : null;
  if (named === null ? !data.mayOwn : named !== by) throw new SignOffNotAllowedError(named !== null);
  if (!reason.trim()) throw new ReviewReasonRequiredError('sign-off');
  return [{ type: 'AccessReviewSignedOff', data: { review: state.id, by, via, apiKey, reason } }];
}

function evolve(state: AccessReviewState, event: RecordedEvent & AccessReviewEvent): AccessReviewState {
  switch (event.type) {
    case 'AccessReviewOpened': {
      const { review, reason: _reason, ...opened } = event.data;
      return {
        ...NO_REVIEW,
        ...opened,
        id: review,
        status: 'building',
        openedAt: event.recordedAt,
        openedBy: event.metadata.actor,
      };
    }
    case 'AccessReviewPopulated': {
      const { items, carriedForward } = event.data;
      return { ...state, status: 'open', items, carriedForward };
    }
    case 'AccessReviewHeld': {
      const { review: _review, ...waiting } = event.data;
      return { ...state, status: 'held', hold: waiting, holds: state.holds + 1 };
    }
    case 'AccessReviewClosed':
      return { ...state, status: 'closed', hold: null, code: event.data.code };
    case 'AccessReviewSignedOff':
      return { ...state, status: 'signedOff' };
    default:
      throw new TypeError(`An access review cannot fold ${(event as { type: string }).type}.`);
  }
}
