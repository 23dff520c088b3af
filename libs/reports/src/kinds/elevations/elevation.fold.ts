import type {
  ElevationApproved,
  ElevationEnded,
  ElevationEvent,
  ElevationExtended,
  ElevationRefused,
  ElevationRequested,
} from '#libs/contracts';
import type { SealedEvent } from '#libs/kernel';

/** A fact of an elevation, with when and as which event it was recorded. */
export type Recorded<D> = D & { readonly event: string; readonly at: string };

/** An elevation with everything that happened to it. */
export interface ElevationHistory {
  readonly request: Recorded<ElevationRequested['data']>;
  readonly position: number;
  readonly approvals: readonly Recorded<ElevationApproved['data']>[];
  readonly extensions: readonly Recorded<ElevationExtended['data']>[];
  readonly refusal: Recorded<ElevationRefused['data']> | null;
  readonly end: Recorded<ElevationEnded['data']> | null;
}

type Fact = SealedEvent & ElevationEvent;

/**
 * Folds an elevation out of its events as of an instant. What has been recorded by then counts, and an end that took effect by then even if it
 * was written down later. @throws {TypeError} when the first event is no request, or for a fact that it does not know
 */
export function foldElevation(events: readonly SealedEvent[], asOf: string): ElevationHistory {
  const [first, ...later] = events as readonly Fact[];
  if (first?.type !== 'ElevationRequested') throw new TypeError('An elevation begins with its request.');
  const begun = { approvals: [], extensions: [], refusal: null, end: null };
  const request = recorded(first, first.data);
  return later.filter((event) => counts(event, asOf)).reduce(evolve, { request, position: first.position, ...begun });
}

const counts = (event: Fact, asOf: string): boolean =>
  event.type === 'ElevationEnded' ? event.data.effectiveAt <= asOf : event.recordedAt <= asOf;

function evolve(history: ElevationHistory, event: Fact): ElevationHistory {
  switch (event.type) {
    case 'ElevationApproved':
      return { ...history, approvals: [...history.approvals, recorded(event, event.data)] };
    case 'ElevationExtended':
      return { ...history, extensions: [...history.extensions, recorded(event, event.data)] };
    case 'ElevationRefused':
      return { ...history, refusal: recorded(event, event.data) };
    case 'ElevationEnded':
      return { ...history, end: recorded(event, event.data) };
    default:
      throw new TypeError(`An elevation cannot fold ${event.type}.`);
  }
}

const recorded = <D extends object>({ id: event, recordedAt: at }: SealedEvent, data: D): Recorded<D> => ({
  ...data,
  event,
  at,
});

/** Where an elevation stood. */
export interface ElevationStanding {
  readonly status: 'requested' | 'active' | 'ended' | 'refused' | 'withdrawn' | 'lapsed' | 'not-possible';
  readonly beganAt: string | null;
  /** The agreed end, extensions included. */
  readonly endsAt: string | null;
  readonly endedAt: string | null;
  readonly endedHow: ElevationEnded['data']['code'] | null;
}

/** Says where an elevation stood at an instant. One past its end has ended, and one that nobody answered in time has lapsed, noted down or not. */
export function standingOf(history: ElevationHistory, asOf: string): ElevationStanding {
  const { request, approvals, extensions, refusal, end } = history;
  const last = approvals.findLast(({ complete, grant }) => complete && grant !== null);
  const endsAt = extensions.at(-1)?.until ?? last?.until ?? null;
  const course = { beganAt: last?.effectiveAt ?? null, endsAt, endedAt: null, endedHow: null };
  if (end) return { ...course, status: 'ended', endedAt: end.effectiveAt, endedHow: end.code };
  if (refusal) return { ...course, status: refusal.code };
  if (last && endsAt !== null && endsAt <= asOf)
    return { ...course, status: 'ended', endedAt: endsAt, endedHow: 'time-over' };
  if (last) return { ...course, status: 'active' };
  return { ...course, status: request.validUntil <= asOf ? 'lapsed' : 'requested' };
}

/** Grants of an elevation in the order in which they were given. */
export const grantsOf = ({ approvals, extensions }: ElevationHistory): string[] => [
  ...approvals.flatMap(({ complete, grant }) => (complete && grant !== null ? [grant] : [])),
  ...extensions.map(({ grant }) => grant),
];
