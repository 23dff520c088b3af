import type { AccountStatusSince } from '#libs/read-model';
import type { Question } from '../../question.js';
import type { WalkedGrant } from '../access/grant-walk.queries.js';
import type { GrantVersion, PlacedEvent } from './change-evidence.queries.js';
import { type Border, type HeldInterval, heldIntervals } from './held-intervals.js';

/** A grant began or ceased to count. */
interface BorderChange {
  readonly change: 'gained' | 'lost';
  readonly at: number;
  readonly border: Border;
}

/** Something that changed about a grant. */
export type GrantChange =
  | BorderChange
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
  /** Events of these versions, and what gave the grant where it began by the beginning of the period. */
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

const bordersOf = (intervals: readonly HeldInterval[]): BorderChange[] =>
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

type Ends = Pick<WalkedGrant, 'until' | 'position'>;

/** Position of the event since which a grant has had the end that it has. */
export function endSetAt(grant: Ends, versions: readonly GrantVersion[]): number {
  const giver = versions.find((_version, index) => versions.slice(index).every((next) => sameEnd(next, grant)));
  return giver?.position ?? grant.position;
}

const sameEnd = ({ until }: GrantVersion, grant: Ends): boolean => until?.getTime() === grant.until?.getTime();

/**
 * How many gains and losses of a grant took effect by the beginning of a period and were recorded after it: the opening knows them, a report
 * on the time before could not. What happens to an account takes effect when it is recorded, so that only grants are looked at.
 * @param course its events are those of the versions and that which gave the grant
 */
export function recordedLate(
  grant: Pick<WalkedGrant, 'from' | 'until' | 'position'>,
  course: GrantCourse,
  { from }: Pick<Question, 'from'>,
): number {
  if (from === null) return 0;
  const beginning = Date.parse(from);
  const isLate = ({ change, at, border }: BorderChange): boolean => {
    const position = change === 'gained' ? grant.position : endSetAt(grant, course.versions);
    const recorded = course.events.get(position)?.recordedAt.getTime();
    return border.cause === 'grant' && at <= beginning && recorded !== undefined && recorded > beginning;
  };
  return bordersOf(heldIntervals(grant, course.statuses)).filter(isLate).length;
}
