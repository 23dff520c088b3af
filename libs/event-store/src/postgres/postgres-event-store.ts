import type { Database, Queryable } from '#libs/database';
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
import { appendBatch } from './append-batch.js';
import { AppendQueue, type Settled } from './append-queue.js';
import { type AppendRequest, appendRequest } from './append-request.js';
import { selectHead, selectLog, selectStream } from './event-queries.js';
import { HeadLooks } from './head-looks.js';

/**
 * Longest time in milliseconds until the look that all followers share finds what another process appended. Nobody but this process
 * can append to the embedded database, and this process nudges, so there the look is only a safety net.
 */
const IDLE_MS = { postgres: 50, embedded: 500 };

/** What the PostgreSQL event store needs. */
export interface PostgresEventStoreOptions {
  /** Migrated with `eventStoreMigrations`; stays open when the store closes. */
  readonly database: Pick<Database, 'kind' | 'query'>;
  /** Called in this process after each batch of appends, before the appends resolve; must not throw. */
  readonly onAppended?: () => void;
  /** Told how many events each commit made durable; must not throw. */
  readonly onCommitted?: (events: number) => void;
  /** Told of failed reads of `follow`, which recovers by itself. */
  readonly onTrouble?: (error: unknown) => void;
}

/** Opens the event store in a PostgreSQL database, embedded or not. Any number of processes may append to the same database. */
export function postgresEventStore(options: PostgresEventStoreOptions): EventStore {
  return new PostgresEventStore(options);
}

class PostgresEventStore implements EventStore {
  readonly #database: Queryable;
  readonly #queue: AppendQueue;
  readonly #nudge = new Nudge();
  readonly #closing = new AbortController();
  readonly #looks: HeadLooks;
  readonly #onAppended: () => void;
  readonly #onCommitted: (events: number) => void;
  readonly #onTrouble: (error: unknown) => void;

  constructor({
    database,
    onAppended = () => {},
    onCommitted = () => {},
    onTrouble = () => {},
  }: PostgresEventStoreOptions) {
    this.#database = database;
    this.#looks = new HeadLooks({ head: () => this.head(), idleMs: IDLE_MS[database.kind], nudge: this.#nudge });
    this.#onAppended = onAppended;
    this.#onCommitted = onCommitted;
    this.#onTrouble = onTrouble;
    this.#queue = new AppendQueue((batch) => this.#write(batch));
  }

  async append(stream: string, expected: number, events: readonly EventToAppend[]): Promise<Appended> {
    return this.#queue.append(appendRequest(stream, expected, events));
  }

  readStream(stream: string, query: StreamQuery = {}): Promise<readonly StoredEvent[]> {
    return selectStream(this.#database, stream, query);
  }

  readLog(query: LogQuery): Promise<LogPage> {
    return selectLog(this.#database, query);
  }

  follow(query: LogQuery, signal: AbortSignal): AsyncIterable<LogPage> {
    const untilNews: Watch['untilNews'] = (after, seen, stop) => this.#looks.untilPast(after, seen, stop);
    const watch = { nudge: this.#nudge, untilNews, onTrouble: this.#onTrouble };
    return followLog((next) => this.readLog(next), query, watch, AbortSignal.any([signal, this.#closing.signal]));
  }

  head(): Promise<number> {
    return selectHead(this.#database);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#queue.drained();
  }

  async #write(batch: readonly AppendRequest[]): Promise<readonly Settled[]> {
    const settled = await appendBatch(this.#database, batch);
    this.#nudge.wake();
    this.#onAppended();
    const events = eventsMadeDurable(batch, settled);
    if (events > 0) this.#onCommitted(events);
    return settled;
  }
}

/** Refusals and repeats made nothing durable. */
function eventsMadeDurable(batch: readonly AppendRequest[], settled: readonly Settled[]): number {
  return batch.reduce((sum, { events }, index) => {
    const outcome = settled[index];
    return outcome === undefined || outcome instanceof Error || outcome.repeated ? sum : sum + events.length;
  }, 0);
}
