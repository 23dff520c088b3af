import type { StoredEvent, StreamQuery } from '#libs/event-store';
import { parseStreamName, type SealedEvent } from '#libs/kernel';
import { sealedRowsAt } from '#libs/ledger';
import { type EventPlace, readEventBodies } from '#libs/read-model';
import type { ReportSource } from '../report-kind.js';

/** Fewer streams than these are read one by one. */
const STREAMS_WORTH_A_WALK = 16;

/** Of what a read of the store's log brings, at least this part must have been looked for; otherwise the rest is read stream by stream. */
const WORTHWHILE = 0.25;

/**
 * Reads events from the store, in the order of their places. Where they are spread over many streams, as facts are that have a stream each,
 * they are taken from the store's log in a few reads instead of one read for each.
 * @param places at most 5,000
 * @param personal whether personal fields are shown; otherwise they read `[withheld]`
 * @throws {Error} when the store lacks an event of the index
 */
export async function readBodies(
  source: Pick<ReportSource, 'database' | 'store' | 'reader'>,
  places: readonly EventPlace[],
  personal: boolean,
): Promise<readonly SealedEvent[]> {
  const { reader, store } = source;
  const streams = new Set(places.map(({ stream }) => stream));
  if (streams.size < STREAMS_WORTH_A_WALK) return readEventBodies({ store, reader }, places, personal);
  const found = await fromLog(source, places);
  const wanted = Map.groupBy(places, ({ stream }) => stream);
  const readStream = async (stream: string, query: StreamQuery = {}): Promise<readonly StoredEvent[]> => {
    const events = (wanted.get(stream) ?? []).map(({ event_id: id }) => found.get(id));
    return events.every((event) => event !== undefined) ? events : store.readStream(stream, query);
  };
  return readEventBodies({ store: { readStream }, reader }, places, personal);
}

/** What of the events a walk over the store's log finds for a fair price. */
async function fromLog(
  { database, store }: Pick<ReportSource, 'database' | 'store'>,
  places: readonly EventPlace[],
): Promise<ReadonlyMap<string, StoredEvent>> {
  const found = new Map<string, StoredEvent>();
  const [first] = await sealedRowsAt(database, [(places[0] as EventPlace).position]);
  if (!first) return found;
  const wanted = new Set(places.map(({ event_id: id }) => id));
  const categories = [...new Set(places.map(({ stream }) => parseStreamName(stream).category))];
  for (let after = first.storePosition - 1; found.size < wanted.size; ) {
    const page = await store.readLog({ after, limit: places.length, categories });
    const hits = page.events.filter(({ id }) => wanted.has(id));
    for (const event of hits) found.set(event.id, event);
    if (page.events.length < places.length || hits.length < WORTHWHILE * page.events.length) break;
    after = page.through;
  }
  return found;
}
