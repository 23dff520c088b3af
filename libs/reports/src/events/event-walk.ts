import type { SealedEvent } from '#libs/kernel';
import type { ReportSource } from '../report-kind.js';
import { type EventsAsked, POSITIONS_PER_STATEMENT, placesWithin } from './event-places.queries.js';
import { readBodies } from './read-bodies.js';

/** Most events of one page: what a walk holds in memory at a time. */
export const EVENTS_PER_PAGE = 500;

/** Where a walk begins, and what it shows. */
export interface EventWalk extends EventsAsked {
  /** Position, exclusive; -1 begins. */
  readonly after: number;
  /** Whether personal fields are shown; otherwise they read `[withheld]`. */
  readonly personal: boolean;
}

/** Some events, by position; none where a stretch of the log has none. */
export interface WalkedEvents {
  /** Those that are not what the index says of them are among them. */
  readonly events: readonly SealedEvent[];
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
  const { knownAt, personal } = walk;
  for (let after = walk.after; after < knownAt; ) {
    const end = Math.min(after + POSITIONS_PER_STATEMENT, knownAt);
    const places = await placesWithin(source.database, walk, { after, through: end, limit: EVENTS_PER_PAGE });
    const through = places.length === EVENTS_PER_PAGE ? (places.at(-1)?.position ?? end) : end;
    const events = await readBodies(source, places, personal);
    yield { events, after, through, progress: (through + 1) / (knownAt + 1) };
    after = through;
  }
}

/**
 * Whether an event is what was asked for by its own word and not by that of the index alone. The account and the connection that the index
 * names for it are not asked of the event, which may say them in several places.
 */
export function isAsAsked(
  { type, recordedAt, metadata }: SealedEvent,
  { types, from, to, byPeople }: EventsAsked,
): boolean {
  const at = Date.parse(recordedAt);
  const within = (from === null || at > Date.parse(from)) && at <= Date.parse(to);
  const byAnybody = !byPeople || metadata.actor.kind === 'account' || metadata.actor.kind === 'key';
  return types.includes(type) && within && byAnybody;
}
