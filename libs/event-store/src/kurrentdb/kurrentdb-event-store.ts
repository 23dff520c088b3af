import { randomUUID } from 'node:crypto';
import { AppendUnavailableError } from '../event-store.errors.js';
import type {
  Appended,
  EventStore,
  EventToAppend,
  LogPage,
  LogQuery,
  StoredEvent,
  StreamQuery,
} from '../event-store.port.js';
import { followLog, type Watch } from '../follow-log.js';
import { Nudge } from '../nudge.js';
import { appendRequest } from '../postgres/append-request.js';
import { appendEvents } from './append-events.js';
import { type Call, Connection } from './connection.js';
import { parseKurrentDbUrl } from './kurrentdb-url.js';
import { LiveHints } from './live-hints.js';
import { readHead, readLog, readStream, readSurely } from './read-events.js';

/** Limits of time, in milliseconds. */
export interface KurrentDbTimeouts {
  /** Longest silence of the server in the middle of a call; an append is tried three times. Default 3,000. */
  readonly callMs: number;
  /** After so long without an event or a checkpoint the subscription is made anew. Default 45,000. */
  readonly quietMs: number;
  /** Longest time between two looks of a follower, should every hint fail. Default 1,000. */
  readonly idleMs: number;
}

const TIMEOUTS: KurrentDbTimeouts = { callMs: 3_000, quietMs: 45_000, idleMs: 1_000 };

/** What the KurrentDB event store needs. */
export interface KurrentDbEventStoreOptions {
  /** As `parseKurrentDbUrl` understands it. */
  readonly url: string;
  /** Called in this process after each append, before it resolves; must not throw. */
  readonly onAppended?: () => void;
  /** Told of a server that has fallen silent or refuses us, and of failed reads of `follow`, which recovers by itself; must not throw. */
  readonly onTrouble?: (error: unknown) => void;
  readonly timeouts?: Partial<KurrentDbTimeouts>;
}

/**
 * Opens the event store on a KurrentDB or EventStoreDB server (24.10 or later) or cluster. Any number of processes may append to the same
 * server, which has to belong to Gatebook: the server's own streams and names of another shape are left out. Connects when first used.
 *
 * Other than PostgreSQL the server has no index of event ids over all streams, so it cannot refuse an id that is used in another one. Ids
 * derive from the command and the stream, so that does not happen by itself. Positions are sparse.
 * @throws {EventStoreUrlError} when the URL is not understood
 */
export function kurrentDbEventStore(options: KurrentDbEventStoreOptions): EventStore {
  return new KurrentDbEventStore(options);
}

class KurrentDbEventStore implements EventStore {
  readonly #connection: Connection;
  readonly #hints: LiveHints;
  readonly #closing = new AbortController();
  readonly #appending = new Set<Promise<unknown>>();
  readonly #idleMs: number;
  readonly #onAppended: () => void;
  readonly #onTrouble: (error: unknown) => void;

  constructor({ url, onAppended = () => {}, onTrouble = () => {}, timeouts }: KurrentDbEventStoreOptions) {
    const { callMs, quietMs, idleMs } = { ...TIMEOUTS, ...timeouts };
    this.#connection = new Connection({ url: parseKurrentDbUrl(url), callMs, onTrouble });
    this.#hints = new LiveHints({ connection: this.#connection, quietMs, onTrouble }, this.#closing.signal);
    this.#idleMs = idleMs;
    this.#onAppended = onAppended;
    this.#onTrouble = onTrouble;
  }

  async append(stream: string, expected: number, events: readonly EventToAppend[]): Promise<Appended> {
    const request = appendRequest(stream, expected, events);
    const { signal } = this.#closing;
    if (signal.aborted) throw new AppendUnavailableError(new Error('The event store has been closed.'));
    const appending = this.#connection.call((call) => appendEvents(call, request, randomUUID(), signal), request.bytes);
    this.#appending.add(appending);
    const appended = await appending.finally(() => this.#appending.delete(appending));
    this.#hints.wake(stream);
    this.#onAppended();
    return appended;
  }

  readStream(stream: string, query: StreamQuery = {}): Promise<readonly StoredEvent[]> {
    return this.#read((call) => readStream(call, stream, query));
  }

  readLog(query: LogQuery): Promise<LogPage> {
    return this.#read((call) => readLog(call, query));
  }

  async *follow(query: LogQuery, signal: AbortSignal): AsyncIterable<LogPage> {
    const nudge = new Nudge();
    const stopListening = this.#hints.listen(nudge, query.categories);
    const untilNews: Watch['untilNews'] = (_, seen, stop) => nudge.sleep(seen, this.#idleMs, stop);
    const watch = { nudge, untilNews, onTrouble: this.#onTrouble };
    try {
      yield* followLog((next) => this.readLog(next), query, watch, AbortSignal.any([signal, this.#closing.signal]));
    } finally {
      stopListening();
    }
  }

  head(): Promise<number> {
    return this.#read(readHead);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#appending);
    await this.#connection.close();
    await this.#hints.ended();
  }

  #read<T>(question: (call: Call) => Promise<T>): Promise<T> {
    return this.#connection.call((call) => readSurely(() => question(call), this.#closing.signal));
  }
}
