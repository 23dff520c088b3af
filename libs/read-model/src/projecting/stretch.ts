import { EVERY_PARTITION, partitionOf, type SealedStoredEvent } from '#libs/bus';
import type { Reached } from './places.js';
import type { SightedEvent } from './sighted-events.js';

/** Part of the sealed log: of one partition or of several, each in order and without a gap. */
export interface Stretch<Event = SightedEvent> {
  /** In the order of the log. */
  readonly events: readonly Event[];
  /** How far each partition was taken in, once this is. */
  readonly reached: readonly Reached[];
  /** Position after which the reader began, by partition, where that is known: every projection has everything up to there. */
  readonly after: ReadonlyMap<number, number>;
}

/** The parts of a stretch, at most so many events each; together they reach what the whole does. At least one, which may be empty. */
export function partsOf(
  { events, reached, after }: Stretch<SealedStoredEvent>,
  size: number,
): Stretch<SealedStoredEvent>[] {
  const parts: Stretch<SealedStoredEvent>[] = [];
  for (let at = 0; at + size < events.length; at += size) {
    const part = events.slice(at, at + size);
    parts.push({ events: part, reached: endsOf(part, reached), after });
  }
  const rest = events.slice(parts.length * size);
  return [...parts, { events: rest, reached, after }];
}

/** Both halves of a stretch of two events or more. */
export function splitInTwo({ events, reached, after }: Stretch): [Stretch, Stretch] {
  const half = Math.ceil(events.length / 2);
  const first = events.slice(0, half);
  const ends = endsOf(
    first.map(({ stored }) => stored),
    reached,
  );
  return [
    { events: first, reached: ends, after },
    { events: events.slice(half), reached, after },
  ];
}

/** How far the partitions were taken in when only these events are: to the last one of each. */
export function endsOf(
  events: readonly SealedStoredEvent[],
  reached: readonly Pick<Reached, 'partition'>[],
): Reached[] {
  const whole = reached.some(({ partition }) => partition === EVERY_PARTITION);
  const ends = new Map<number, Reached>();
  for (const { stream, position, storePosition } of events) {
    const partition = whole ? EVERY_PARTITION : partitionOf(stream);
    ends.set(partition, { partition, position, storePosition, bookmark: null });
  }
  return [...ends.values()];
}
