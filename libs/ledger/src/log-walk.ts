import { setTimeout as delay } from 'node:timers/promises';
import { BEFORE_FIRST, type EventStore, type LogPage, type StoredEvent } from '#libs/event-store';

/** Events fetched at a time. */
export const PAGE = 1_000;

/** A page that cannot be read is asked for again, after pauses that double: six seconds in all. */
const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 200;

/** Which stretch of a log to walk, in the store's order. */
export interface Stretch {
  /** Exclusive; default: from the beginning. */
  readonly after?: number;
  /** Inclusive; default: to the end as it is when the walk arrives there. */
  readonly through?: number;
}

/** Walks a log in order, page by page; a short failure of the store does not end a long walk. */
export async function* logPages(
  store: Pick<EventStore, 'readLog'>,
  { after = BEFORE_FIRST, through = Number.POSITIVE_INFINITY }: Stretch = {},
): AsyncIterable<LogPage> {
  for (let at = after; at < through; ) {
    const page = await readPatiently(store, at);
    if (page.events.length === 0 && page.through === at) return;
    yield page;
    at = page.through;
  }
}

/** The events of `logPages`, one by one, to `through` and not beyond. */
export async function* storedEvents(
  store: Pick<EventStore, 'readLog'>,
  stretch: Stretch = {},
): AsyncIterable<StoredEvent> {
  const { through = Number.POSITIVE_INFINITY } = stretch;
  for await (const { events } of logPages(store, stretch)) {
    for (const event of events) if (event.storePosition <= through) yield event;
  }
}

async function readPatiently(store: Pick<EventStore, 'readLog'>, after: number): Promise<LogPage> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await store.readLog({ after, limit: PAGE });
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      await delay(FIRST_PAUSE_MS * 2 ** (attempt - 1));
    }
  }
}

/** Pulls one item at a time, `null` after the last. */
export function puller<T>(items: AsyncIterable<T> | Iterable<T>): () => Promise<T | null> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  return async () => {
    const { done, value } = await iterator.next();
    return done ? null : value;
  };
}
