import { AppendUnavailableError, WrongExpectedRevisionError } from '../event-store.errors.js';
import {
  BEFORE_FIRST,
  type EventStore,
  type EventToAppend,
  type LogQuery,
  type StoredEvent,
} from '../event-store.port.js';
import { followLog, type Watch } from '../follow-log.js';
import { Nudge } from '../nudge.js';
import { appendRequest } from '../postgres/append-request.js';

/** A store in memory, for the specs of what stands on the port. It passes the same contract as the real ones. */
export function memoryEventStore(log: StoredEvent[] = []): EventStore {
  const nudge = new Nudge();
  const closing = new AbortController();
  const watch: Watch = { nudge, untilNews: (_, seen, stop) => nudge.sleep(seen, 50, stop), onTrouble: () => {} };
  const ofStream = (stream: string) => log.filter((event) => event.stream === stream);

  const readLog = async ({ after, limit = 1_000, categories }: LogQuery) => {
    const wanted = (event: StoredEvent) =>
      !categories || categories.includes(event.stream.slice(0, event.stream.indexOf('-')));
    const events = log
      .slice(after + 1)
      .filter(wanted)
      .slice(0, limit);
    return {
      events,
      through: events.length === limit ? (events.at(-1)?.storePosition ?? after) : Math.max(log.length - 1, after),
    };
  };

  const append = async (stream: string, expected: number, events: readonly EventToAppend[]) => {
    if (closing.signal.aborted) throw new AppendUnavailableError(new Error('closed'));
    const rows = appendRequest(stream, expected, events).events;
    const standing = ofStream(stream);
    const there = standing.slice(expected + 1, expected + 1 + rows.length);
    const repeat = there.length === rows.length && there.every(({ id }, index) => id === rows[index]?.id);
    const last = there.at(-1);
    if (repeat && last) return { revision: last.revision, storePosition: last.storePosition, repeated: true };
    if (standing.length - 1 !== expected) throw new WrongExpectedRevisionError(stream, expected);
    for (const { data, metadata, ...row } of rows) {
      const place = { stream, revision: ofStream(stream).length, storePosition: log.length };
      log.push({ ...row, ...place, data: JSON.parse(data), metadata: JSON.parse(metadata) });
    }
    nudge.wake();
    return { revision: expected + rows.length, storePosition: log.length - 1, repeated: false };
  };

  return {
    append,
    readLog,
    readStream: async (stream, { direction = 'forward', from, limit = 5_000 } = {}) => {
      const standing = ofStream(stream);
      return direction === 'forward'
        ? standing.slice(from ?? 0).slice(0, limit)
        : standing
            .slice(0, (from ?? standing.length) + 1)
            .reverse()
            .slice(0, limit);
    },
    follow: (query, signal) => followLog(readLog, query, watch, AbortSignal.any([signal, closing.signal])),
    head: async () => (log.length === 0 ? BEFORE_FIRST : log.length - 1),
    close: async () => closing.abort(),
  };
}
