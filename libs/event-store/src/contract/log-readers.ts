import { BEFORE_FIRST, type EventStore, type LogQuery, type StoredEvent } from '../event-store.port.js';

/** Longest wait for events that must come, in milliseconds. */
const PATIENCE_MS = 20_000;

/** Reads page by page until nothing is left. */
export async function everythingIn(store: Pick<EventStore, 'readLog'>, query: LogQuery): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for (let after = query.after; ; ) {
    const page = await store.readLog({ ...query, after });
    events.push(...page.events);
    if (page.events.length === 0 && page.through === after) return events;
    after = page.through;
  }
}

/** Follows the log until it has delivered that many events, or patience ends. */
export async function followUntil(
  store: Pick<EventStore, 'follow'>,
  query: LogQuery,
  count: number,
): Promise<{ events: StoredEvent[]; emptyPages: number }> {
  const events: StoredEvent[] = [];
  let emptyPages = 0;
  for await (const page of store.follow(query, AbortSignal.timeout(PATIENCE_MS))) {
    if (page.events.length === 0) emptyPages += 1;
    events.push(...page.events);
    if (events.length >= count) break;
  }
  return { events, emptyPages };
}

/** Answers the ids after a position, and the position to go on from. */
export type ReadOn = (after: number) => Promise<{ readonly ids: readonly string[]; readonly through: number }>;

/**
 * A reader as a projection is one: it reads on from its checkpoint, as fast as it can, while others write, and never looks back.
 * @param start where the log stood before the writers began
 * @returns all ids that it saw, in its order, once the writers are done and nothing more comes
 */
export async function idsSeenWhile(
  writing: Promise<unknown>,
  readOn: ReadOn,
  onSeen: (ids: readonly string[]) => void = () => {},
  start = BEFORE_FIRST,
) {
  let done = false;
  const finished = writing.finally(() => {
    done = true;
  });
  const seen: string[] = [];
  for (let after = start; ; ) {
    const last = done;
    const { ids, through } = await readOn(after);
    seen.push(...ids);
    onSeen(seen);
    after = through;
    if (last && ids.length === 0) break;
    if (ids.length === 0) await new Promise(setImmediate);
  }
  await finished;
  return seen;
}
