import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EventCodec, EventStore, StoredEvent } from '#libs/event-store';
import { parseStreamName, type RecordedEvent } from '#libs/kernel';

/** Events that one reading of the log answers. */
const READ_AT_ONCE = 200;

/** Events that are decrypted in one turn of the event loop. */
const DECODED_AT_ONCE = 25;

/** Which events of the log. */
export interface RecordedEventsQuery {
  readonly tenant: string;
  readonly types: ReadonlySet<string>;
  /** Of this connection alone; null: of any, or of none. */
  readonly connection: string | null;
  /** Recorded at this instant or later, ISO-8601 UTC with milliseconds. */
  readonly from: string;
  /** Store position, exclusive. */
  readonly after: number;
}

/** Some events in clear, in the store's order. */
export interface RecordedEventsPage {
  readonly events: readonly RecordedEvent[];
  /** Store position up to which everything has been looked at. */
  readonly through: number;
}

/**
 * Reads events of one tenant from the log up to its head as it is now, in small pages between which others have their turn. Only events that
 * are asked for are decrypted; empty pages come too, so that a reader can stop anywhere.
 */
export async function* recordedEvents(
  {
    store,
    codec,
  }: { readonly store: Pick<EventStore, 'head' | 'readLog'>; readonly codec: Pick<EventCodec, 'decode'> },
  query: RecordedEventsQuery,
): AsyncGenerator<RecordedEventsPage> {
  const head = await store.head();
  for (let at = query.after; at < head; ) {
    // not by category: a database without statistics then looks through all that is left for every page
    const page = await store.readLog({ after: at, limit: READ_AT_ONCE });
    if (page.through <= at) return;
    const asked = page.events.filter((event) => event.storePosition <= head && isAsked(event, query));
    for (let some = 0; some < asked.length; some += DECODED_AT_ONCE) {
      const part = asked.slice(some, some + DECODED_AT_ONCE);
      await nextTurn();
      yield { events: await codec.decode(part), through: (part.at(-1) as StoredEvent).storePosition };
    }
    at = page.through;
    yield { events: [], through: at };
  }
}

function isAsked({ type, stream, recordedAt, data }: StoredEvent, query: RecordedEventsQuery): boolean {
  if (!query.types.has(type) || recordedAt < query.from) return false;
  if (parseStreamName(stream).tenant !== query.tenant) return false;
  // in clear in every version of the events that have one
  const { connection } = data as { readonly connection?: unknown };
  return query.connection === null || connection === query.connection;
}
