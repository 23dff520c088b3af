import type { SealedStoredEvent } from '#libs/bus';
import type { EventStore, StoredEvent } from '#libs/event-store';
import type { SealedEvent } from '#libs/kernel';
import type { EventReader } from '../projecting/sighted-events.js';
import type { EventPlace } from './events.queries.js';

/** Streams that are read at the same time. */
const PARALLEL_READS = 8;

/** Longest stretch of one stream that is read at once, in events; what lies further apart is read by itself. */
const STRETCH = 500;

/** Reading the bodies of events that the index has found. */
export interface EventBodies {
  readonly store: Pick<EventStore, 'readStream'>;
  readonly reader: EventReader;
}

/**
 * Reads events from the store, in the order of their places.
 * @param personal whether personal fields are shown; otherwise they read `[withheld]`
 * @throws {Error} when the store lacks an event of the index: it was restored from an older copy
 */
export async function readEventBodies(
  { store, reader }: EventBodies,
  places: readonly EventPlace[],
  personal: boolean,
): Promise<SealedEvent[]> {
  const stored = await readStored(store, places);
  const decoded = personal ? await reader.decode(stored) : reader.decodeWithholding(stored);
  return decoded.map((event, index) => {
    const { position, tenantPosition, sealedAt } = stored[index] as SealedStoredEvent;
    return { ...event, position, tenantPosition, sealedAt };
  });
}

async function readStored(store: EventBodies['store'], places: readonly EventPlace[]): Promise<SealedStoredEvent[]> {
  const found = new Map<string, StoredEvent>();
  const stretches = stretchesOf(places);
  for (let at = 0; at < stretches.length; at += PARALLEL_READS) {
    const pages = await Promise.all(
      stretches
        .slice(at, at + PARALLEL_READS)
        .map(({ stream, from, to }) => store.readStream(stream, { from, limit: to - from + 1 })),
    );
    for (const event of pages.flat()) found.set(event.id, event);
  }
  return places.map((place) => {
    const event = found.get(place.event_id);
    if (!event) throw new Error(`The store lacks an event that was sealed (position: ${place.position}).`);
    const { position, tenant, tenant_position, sealed_at } = place;
    return { ...event, position, tenant, tenantPosition: tenant_position, sealedAt: sealed_at };
  });
}

interface Stretch {
  readonly stream: string;
  readonly from: number;
  to: number;
}

/** Places of the same stream that lie close together are read together. */
function stretchesOf(places: readonly EventPlace[]): Stretch[] {
  const open = new Map<string, Stretch>();
  const all: Stretch[] = [];
  for (const { stream, revision } of [...places].sort((a, b) => a.revision - b.revision)) {
    const stretch = open.get(stream);
    if (stretch && revision - stretch.from < STRETCH) {
      stretch.to = revision;
    } else {
      const begun = { stream, from: revision, to: revision };
      open.set(stream, begun);
      all.push(begun);
    }
  }
  return all;
}
