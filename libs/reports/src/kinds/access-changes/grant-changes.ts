import type { AccountStatusSince } from '#libs/read-model';
import type { Question } from '../../question.js';
import type { WalkedGrant } from '../access/grant-walk.queries.js';
import type { GrantVersion, PlacedEvent } from './change-evidence.queries.js';
import { type Border, type HeldInterval, heldIntervals } from './held-intervals.js';

/** Something that changed about a grant. */
export type GrantChange =
  | { readonly change: 'gained' | 'lost'; readonly at: number; readonly border: Border }
  | {
      /** Its end moved while it counted. */
      readonly change: 'changed';
      readonly at: number;
      readonly before: Date | null;
      readonly after: Date | null;
      readonly position: number;
    };

/** What is known of a grant's course. */
export interface GrantCourse {
  readonly statuses: readonly AccountStatusSince[];
  /** In order; may be empty where the grant never changed. */
  readonly versions: readonly GrantVersion[];
  /** Events of these versions. */
  readonly events: ReadonlyMap<number, Pick<PlacedEvent, 'recordedAt'>>;
}

/** What changed about a grant after `from` and up to `asOf`, in the order in which it took effect. */
export function changesOf(
  grant: Pick<WalkedGrant, 'from' | 'until'>,
  course: GrantCourse,
  period: Pick<Question, 'from' | 'asOf'>,
): readonly GrantChange[] {
  const intervals = heldIntervals(grant, course.statuses);
  const changes = [...bordersOf(intervals), ...movedEnds(intervals, course)];
  return changes.filter(({ at }) => isWithin(at, period)).sort((a, b) => a.at - b.at);
}

/** Whether an instant is in the period of a question: after its beginning, and not after its end. */
export const isWithin = (at: number, { from, asOf }: Pick<Question, 'from' | 'asOf'>): boolean =>
  (from === null || at > Date.parse(from)) && at <= Date.parse(asOf);

const bordersOf = (intervals: readonly HeldInterval[]): GrantChange[] =>
  intervals.flatMap(({ from, until }) => [
    { change: 'gained' as const, at: from.at, border: from },
    ...(until ? [{ change: 'lost' as const, at: until.at, border: until }] : []),
  ]);

/** A revocation is a loss, not a moved end. */
function movedEnds(intervals: readonly HeldInterval[], { versions, events }: GrantCourse): GrantChange[] {
  return versions.flatMap((version, index) => {
    const before = versions[index - 1];
    const at = events.get(version.position)?.recordedAt.getTime();
    if (!before || version.revoked || at === undefined || !isHeld(intervals, at)) return [];
    if (before.until?.getTime() === version.until?.getTime()) return [];
    return [{ change: 'changed' as const, at, before: before.until, after: version.until, position: version.position }];
  });
}

const isHeld = (intervals: readonly HeldInterval[], at: number): boolean =>
  intervals.some(({ from, until }) => from.at <= at && (until === null || at < until.at));
