import { AppendUnavailableError, type EventStore, type LogPage, type LogQuery } from '#libs/event-store';
import type { Faults } from './faults.js';

/** What a store says whose server is gone; reads and appends alike. */
const gone = () => new AppendUnavailableError(new Error('A fault of the sweep.'));

/** A store whose calls fail as planned. A page of `follow` counts as a call: it does not arrive, or it does and nothing after it. */
export function faultyStore(store: EventStore, faults: Faults): EventStore {
  return {
    append: (stream, expected, events) => faults.call(gone, () => store.append(stream, expected, events)),
    readStream: (stream, query) => faults.call(gone, () => store.readStream(stream, query)),
    readLog: (query) => faults.call(gone, () => store.readLog(query)),
    head: () => faults.call(gone, () => store.head()),
    follow: (query, signal) => followed(store, faults, query, signal),
    close: () => store.close(),
  };
}

async function* followed(
  store: EventStore,
  faults: Faults,
  query: LogQuery,
  signal: AbortSignal,
): AsyncIterable<LogPage> {
  for await (const page of store.follow(query, signal)) {
    const effect = faults.next();
    if (effect !== 'none') yield page;
    if (effect !== null) throw gone();
  }
}
