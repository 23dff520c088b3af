import type { FindingEvent, SodExceptionEvent, SodExceptionGranted, SodViolationDetected } from '#libs/contracts';
import type { SealedEvent } from '#libs/kernel';

/** A violation on record, as it stood. */
export interface ViolationOnRecord {
  readonly finding: string;
  readonly policy: string;
  readonly account: string;
  /** Roles of the conflict with the grants that give them, as last detected. */
  readonly held: SodViolationDetected['data']['held'];
  /** When it was detected: the last time, where it had been resolved in between. */
  readonly detectedAt: string;
  /** Id of that event. */
  readonly event: string;
  /** Account of who answers for it. */
  readonly owner: string | null;
  /** Whether somebody chose who answers for it. */
  readonly assigned: boolean;
  readonly status: 'open' | 'accepted' | 'resolved';
  readonly acceptedUntil: string | null;
  readonly acceptedBy: string | null;
  readonly acceptReason: string | null;
  /** Somebody closed it, although it may still hold. */
  readonly closedByHand: boolean;
}

const UNTOUCHED = {
  status: 'open',
  acceptedUntil: null,
  acceptedBy: null,
  acceptReason: null,
  closedByHand: false,
} as const;

/**
 * Folds a violation out of the events of its finding, from its detection on.
 * @throws {TypeError} when nothing detects it, or for a fact that it does not know
 */
export function foldViolation(events: readonly SealedEvent[]): ViolationOnRecord {
  const folded = (events as readonly (SealedEvent & FindingEvent)[]).reduce<ViolationOnRecord | null>(evolve, null);
  if (folded === null) throw new TypeError('A violation begins with its detection.');
  return folded;
}

function evolve(before: ViolationOnRecord | null, event: SealedEvent & FindingEvent): ViolationOnRecord | null {
  if (event.type === 'SodViolationDetected') return detected(before, event, event.data);
  if (before === null) return null;
  switch (event.type) {
    case 'FindingAssigned':
      return { ...before, owner: event.data.owner, assigned: true };
    case 'FindingAccepted': {
      const { until, by, reason } = event.data;
      return { ...before, status: 'accepted', acceptedUntil: until, acceptedBy: by, acceptReason: reason };
    }
    case 'FindingRaised':
    case 'FindingActedUpon':
      return before;
    case 'FindingResolved':
      return { ...before, ...UNTOUCHED, status: 'resolved', closedByHand: event.data.code === 'by-hand' };
    default:
      throw new TypeError(`A violation cannot fold ${(event as SealedEvent).type}.`);
  }
}

function detected(
  before: ViolationOnRecord | null,
  { id, recordedAt }: SealedEvent,
  { finding, policy, account, held, owner: found }: SodViolationDetected['data'],
): ViolationOnRecord {
  const known = before !== null && before.status !== 'resolved' ? before : null;
  const since =
    known && sameHeld(known.held, held)
      ? { detectedAt: known.detectedAt, event: known.event }
      : { detectedAt: recordedAt, event: id };
  // whom somebody chose goes on to answer for it while it is known, as the finding itself says
  const { owner, assigned } = known?.assigned ? known : { owner: found, assigned: false };
  return { ...UNTOUCHED, ...since, finding, policy, account, held, owner, assigned };
}

type Held = SodViolationDetected['data']['held'];

const sameHeld = (one: Held, other: Held): boolean => grantsIn(one) === grantsIn(other);

const grantsIn = (held: Held): string =>
  held
    .map(({ grant }) => grant)
    .sort()
    .join(' ');

/** An exception, as it stood. */
export interface ExceptionOnRecord extends Omit<SodExceptionGranted['data'], 'sets'> {
  readonly sets: SodExceptionGranted['data']['sets'];
  readonly grantedAt: string;
  readonly event: string;
  readonly position: number;
  readonly ended: boolean;
}

/** Folds exceptions out of events about them, in the order of the log. */
export function foldExceptions(events: readonly SealedEvent[]): ExceptionOnRecord[] {
  const found = new Map<string, ExceptionOnRecord>();
  for (const { id: event, recordedAt, position, ...fact } of events as readonly (SealedEvent & SodExceptionEvent)[]) {
    const { exception } = fact.data;
    const before = found.get(exception);
    if (fact.type === 'SodExceptionGranted')
      found.set(exception, { ...fact.data, grantedAt: recordedAt, event, position, ended: false });
    else if (before) found.set(exception, { ...before, ended: true });
  }
  return [...found.values()];
}

/** Whether an exception was open at an instant, ISO-8601 UTC with milliseconds. */
export const isOpen = ({ ended, until }: ExceptionOnRecord, asOf: string): boolean => !ended && asOf < until;

/** Whether a violation was accepted at an instant. */
export const isAccepted = ({ status, acceptedUntil }: ViolationOnRecord, asOf: string): boolean =>
  status === 'accepted' && acceptedUntil !== null && asOf < acceptedUntil;

/** Whether a violation was on record at an instant: nobody had noticed its end. */
export const isStanding = ({ status, closedByHand }: ViolationOnRecord): boolean =>
  status !== 'resolved' || closedByHand;
