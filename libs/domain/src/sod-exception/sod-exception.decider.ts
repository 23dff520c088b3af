import type { SodExceptionEnded, SodExceptionEvent, SodExceptionGranted } from '#libs/contracts';
import { type Command, type Decider, DomainError, instantAfter, type RecordedEvent } from '#libs/kernel';

/** The longest that an exception may be granted for, in days: whoever needs it for longer says so again. */
export const SOD_EXCEPTION_DAYS_MAX = 366;
const DAY_MS = 86_400_000;

/** Somebody lets an account hold conflicting roles for a time. */
export type GrantSodException = Command<'GrantSodException', SodExceptionGranted['data']>;
/** Somebody ends an exception before its time. */
export type EndSodException = Command<'EndSodException', { readonly by: string | null; readonly reason: string }>;
/** The time of an exception is over: that is written down, once. Before it is over nothing is. */
export type ExpireSodException = Command<'ExpireSodException', Record<never, never>>;
/** Everything that can be asked of an exception. */
export type SodExceptionCommand = GrantSodException | EndSodException | ExpireSodException;

/** An exception as a fold of its stream; one that ended may be granted anew in the same stream. */
export interface SodExceptionState {
  readonly exists: boolean;
  readonly exception: string;
  readonly policy: string;
  readonly account: string;
  /** Sets of roles of the policy when it was granted: it excuses nothing that was added since. */
  readonly sets: readonly (readonly string[])[];
  /** Who answers for it: userName or verified e-mail address. */
  readonly owner: string;
  /** What makes up for the conflict. */
  readonly control: string;
  /** Exclusive. */
  readonly until: string;
  readonly by: string | null;
  /** Whether its end is written down; past `until` it has ended all the same. */
  readonly ended: boolean;
}

/** An exception that was never granted. */
export const NO_SOD_EXCEPTION: SodExceptionState = {
  exists: false,
  exception: '',
  policy: '',
  account: '',
  sets: [],
  owner: '',
  control: '',
  until: '',
  by: null,
  ended: false,
};

/** The account has an exception from this policy already. */
export class SodExceptionExistsError extends DomainError {
  readonly code = 'sod-exception-exists';
  readonly kind = 'conflict';
  constructor(until: string) {
    super(
      `The account has an exception from this policy already, until ${until}. To change it, end that one and grant another.`,
    );
  }
}

/** No such exception, or it is over. */
export class SodExceptionNotFoundError extends DomainError {
  readonly code = 'sod-exception-not-found';
  readonly kind = 'notFound';
  constructor() {
    super('There is no open exception with this id in this tenant.');
  }
}

/** The end of an exception lies in the past or too far ahead. */
export class SodExceptionEndInvalidError extends DomainError {
  readonly code = 'sod-exception-end-invalid';
  readonly kind = 'invalid';
  constructor(latest: string) {
    super(
      `until must lie in the future and not after ${latest}: an exception lasts ${SOD_EXCEPTION_DAYS_MAX} days at most.`,
    );
  }
}

/** Whether an exception holds at an instant. */
export const isOpenException = ({ exists, ended, until }: SodExceptionState, at: string): boolean =>
  exists && !ended && at < until;

/**
 * An exception from a policy of segregation of duties for one account. There is one stream for each pair of policy and account, so that at
 * most one exception of a pair is open. Pure.
 */
export const sodExceptionDecider: Decider<SodExceptionCommand, SodExceptionState, SodExceptionEvent> = {
  initialState: NO_SOD_EXCEPTION,
  decide,
  evolve: (state, event) => evolve(state, event as RecordedEvent & SodExceptionEvent),
};

function decide(command: SodExceptionCommand, state: SodExceptionState): readonly SodExceptionEvent[] {
  switch (command.type) {
    case 'GrantSodException':
      return grant(command, state);
    case 'EndSodException':
      return end(command, state);
    case 'ExpireSodException':
      return timeOver(state, command.metadata.now);
  }
}

/** The end of a former one that ran out is written down first, so that the two do not run into each other. */
function grant({ data, metadata: { now } }: GrantSodException, state: SodExceptionState): SodExceptionEvent[] {
  if (isOpenException(state, now)) throw new SodExceptionExistsError(state.until);
  const latest = instantAfter(now, SOD_EXCEPTION_DAYS_MAX * DAY_MS);
  if (data.until <= now || data.until > latest) throw new SodExceptionEndInvalidError(latest);
  return [...timeOver(state, now), { type: 'SodExceptionGranted', data }];
}

function end({ data, metadata: { now } }: EndSodException, state: SodExceptionState): SodExceptionEvent[] {
  if (!isOpenException(state, now)) throw new SodExceptionNotFoundError();
  return [ended(state, { code: 'by-hand', effectiveAt: now, ...data })];
}

function timeOver(state: SodExceptionState, now: string): SodExceptionEvent[] {
  if (!state.exists || state.ended || now < state.until) return [];
  return [ended(state, { code: 'time-over', effectiveAt: state.until, by: null, reason: null })];
}

function ended(
  { exception, policy, account }: SodExceptionState,
  how: Pick<SodExceptionEnded['data'], 'code' | 'effectiveAt' | 'by' | 'reason'>,
): SodExceptionEnded {
  return { type: 'SodExceptionEnded', data: { exception, policy, account, ...how } };
}

function evolve(state: SodExceptionState, event: SodExceptionEvent): SodExceptionState {
  switch (event.type) {
    case 'SodExceptionGranted': {
      const { exception, policy, account, sets, owner, control, until, by } = event.data;
      return { exists: true, exception, policy, account, sets, owner, control, until, by, ended: false };
    }
    case 'SodExceptionEnded':
      return { ...state, ended: true };
    default:
      throw new TypeError(`An exception cannot fold ${(event as { type: string }).type}.`);
  }
}
