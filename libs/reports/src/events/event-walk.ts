import type { SealedEvent } from '#libs/kernel';
import { indexedAs } from '#libs/read-model';
import type { ReportSource } from '../report-kind.js';
import { type EventsAsked, type IndexedPlace, POSITIONS_PER_STATEMENT, placesWithin } from './event-places.queries.js';
import { readBodies } from './read-bodies.js';

/** Most events of one page: what a walk holds in memory at a time. */
export const EVENTS_PER_PAGE = 500;

/** Where a walk begins, and what it shows. */
export interface EventWalk extends EventsAsked {
  /** Position, exclusive; -1 begins. */
  readonly after: number;
  /** Whether personal fields are shown; otherwise they read `[withheld]`. */
  readonly personal: boolean;
  /** At most `EVENTS_PER_PAGE`, which it is if absent: fewer where events are long. */
  readonly perPage?: number;
}

/** Some events, by position; none where a stretch of the log has none. */
export interface WalkedEvents {
  /** Those that are not what the index says of them are among them. */
  readonly events: readonly SealedEvent[];
  /** Ids of those. */
  readonly unlike: ReadonlySet<string>;
  /** Everything between these has been looked at: `after` exclusive, `through` inclusive. Going on after `through` leaves nothing out. */
  readonly after: number;
  readonly through: number;
  /** Share of the log that has been looked through, 0 to 1. */
  readonly progress: number;
}

/**
 * Walks over the events of a tenant in the order of the log, page by page. No statement lasts long and nothing is held between pages, so
 * a walk can stop at any page and go on elsewhere. The same question always meets the same events.
 * @throws {Error} when the store lacks an event of the index: it was restored from an older copy
 */
export async function* eventsOf(
  source: Pick<ReportSource, 'database' | 'store' | 'reader'>,
  walk: EventWalk,
): AsyncIterable<WalkedEvents> {
  const { knownAt, personal, perPage: limit = EVENTS_PER_PAGE } = walk;
  for (let after = walk.after; after < knownAt; ) {
    const end = Math.min(after + POSITIONS_PER_STATEMENT, knownAt);
    const places = await placesWithin(source.database, walk, { after, through: end, limit });
    const through = places.length === limit ? (places.at(-1)?.position ?? end) : end;
    const events = await readBodies(source, places, personal);
    const unlike = new Set(events.filter((event, index) => !isAsIndexed(event, places[index])).map(({ id }) => id));
    yield { events, unlike, after, through, progress: (through + 1) / (knownAt + 1) };
    after = through;
  }
}

/** Whether an event is by its own word what the index found it by: of that type, then, by that actor, of that account and connection. */
export function isAsIndexed(event: SealedEvent, place: IndexedPlace | undefined): boolean {
  const { recorded_at: at, ...said } = indexedAs(event);
  const names = Object.keys(said) as (keyof typeof said)[];
  return place?.recorded_at.getTime() === Date.parse(at) && names.every((name) => place[name] === said[name]);
}
