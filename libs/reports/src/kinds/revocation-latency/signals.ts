import type {
  AccessRevoked,
  ApplicationSessionsEnded,
  GrantsReduced,
  SessionsEnded,
  SignalReceived,
  UserDeactivated,
} from '#libs/contracts';
import type { SealedEvent } from '#libs/kernel';

/** What comes about where access must end. */
export type Effect = SealedEvent &
  (AccessRevoked | GrantsReduced | UserDeactivated | SessionsEnded | ApplicationSessionsEnded);
type Notice = SealedEvent & SignalReceived;

/** What asked for an effect, and when. */
export interface Signal {
  readonly kind: string;
  readonly event: string | null;
  readonly at: string;
  readonly receivedAt: string | null;
}

/** Id of the event that may be the signal. */
export function causeOf({ type, data, metadata }: Effect): string | null {
  const cause = metadata.causationId ?? null;
  switch (type) {
    case 'AccessRevoked':
      // rules that change look at the last sign-in, which is their evidence, but it is the change that asked for it
      return data.code === 'rule-changed' ? (cause ?? data.evidence) : (data.evidence ?? cause);
    case 'GrantsReduced':
      return data.decision ?? cause;
    case 'SessionsEnded':
      return data.signal;
    case 'ApplicationSessionsEnded':
      return data.cause;
    case 'UserDeactivated':
      return cause;
  }
}

/** Grants that end by themselves, at an instant that was known before. */
const BY_TIME: ReadonlySet<string> = new Set(['expired', 'lease-expired', 'elevation-ended']);

/** Finds what asked for an effect. @param causes events by id, as far as they are known */
export function signalOf(event: Effect, causes: ReadonlyMap<string, SealedEvent>): Signal {
  const cause = causes.get(causeOf(event) ?? '');
  const plain = { event: cause?.id ?? null, receivedAt: null };
  if (event.type === 'AccessRevoked' && BY_TIME.has(event.data.code) && event.data.effectiveAt < event.recordedAt)
    return { ...plain, kind: 'end', at: event.data.effectiveAt };
  if (event.type === 'ApplicationSessionsEnded') return { ...plain, kind: kindOf(cause), at: event.data.signalAt };
  if (cause?.type === 'SignalReceived') return fromNotice(event, cause as Notice);
  const { occurredAt = null } = event.type === 'UserDeactivated' ? event.data : {};
  if (occurredAt !== null) return { ...plain, kind: 'notice', at: occurredAt };
  if (cause) return { ...plain, kind: kindOf(cause), at: cause.recordedAt };
  return { ...plain, kind: 'call', at: event.recordedAt };
}

function fromNotice(event: Effect, { id, data }: Notice): Signal {
  const { occurredAt = null } = event.type === 'UserDeactivated' ? event.data : {};
  return { kind: 'notice', event: id, at: occurredAt ?? data.occurredAt, receivedAt: data.receivedAt };
}

const CHANGE = /^(Connection|Role|Client|Policy|Domain)/;

function kindOf(cause: SealedEvent | undefined): string {
  if (cause?.type === 'ReviewDecisionRecorded') return 'decision';
  if (cause?.type === 'SignedIn') return 'sign-in';
  if (cause?.type === 'SignalReceived') return 'notice';
  return cause && CHANGE.test(cause.type) ? 'change' : 'event';
}
