import type { EventMetadata, Json } from '#libs/kernel';

/** Revision of a stream that does not exist. */
export const NO_STREAM = -1;

/** Place in the store's own order before its first event. */
export const BEFORE_FIRST = -1;

/** An event ready to be appended: validated, personal fields already encrypted. */
export interface EventToAppend {
  /** Uuid; unique in the whole store. */
  readonly id: string;
  readonly type: string;
  readonly schemaVersion: number;
  /** ISO-8601 UTC with milliseconds; stored as given and never re-formatted. */
  readonly recordedAt: string;
  readonly data: Json;
  readonly metadata: EventMetadata;
}

/** An event as the store holds it. */
export interface StoredEvent extends EventToAppend {
  readonly stream: string;
  /** Index in the stream, 0-based, gapless. */
  readonly revision: number;
  /** Place in the store's order. Ascending; dense on PostgreSQL, sparse on KurrentDB. Compare it, never count with it. */
  readonly storePosition: number;
}

/** Where an append ended. */
export interface Appended {
  /** Revision of the last event appended. */
  readonly revision: number;
  /** A store position at or after the last event appended: a reader that has reached it has seen the append. */
  readonly storePosition: number;
  /** Whether these events stood there before: then what they say is what was recorded the first time. */
  readonly repeated: boolean;
}

/** A page of the whole log. */
export interface LogPage {
  readonly events: readonly StoredEvent[];
  /** Everything up to here has been looked at, also where the filter left events out; pass it as the next `after`. */
  readonly through: number;
}

/** What to read of the whole log. */
export interface LogQuery {
  /** Exclusive; `BEFORE_FIRST` starts at the beginning. */
  readonly after: number;
  /** At most this many events, 1–5,000; 1,000 if absent. */
  readonly limit?: number;
  /** Only streams of these categories. */
  readonly categories?: readonly string[];
}

/** What to read of one stream. */
export interface StreamQuery {
  readonly direction?: 'forward' | 'backward';
  /** Revision to begin with, inclusive. Default: first forward, last backward. */
  readonly from?: number;
  readonly limit?: number;
}

/**
 * The record of everything. Appends are atomic per stream and durable when they resolve; the order of `readLog` is the order of commits,
 * and a reader that goes on from `through` never skips an event, whoever appends meanwhile.
 * Adapters differ only in whether `storePosition` is dense. The contract suite (`event-store.contract.ts`) is their specification.
 */
export interface EventStore {
  /**
   * Appends events to a stream whose last revision must be `expected` (`NO_STREAM` for a new one).
   * A repeat of an append that already happened (same event ids at the same place) succeeds and changes nothing.
   * @throws {WrongExpectedRevisionError} when the stream stands elsewhere; nothing was appended
   * @throws {EventStoreBusyError} when too many appends wait already; nothing was appended
   * @throws {StorageFullError} when the disk is full, where the store can tell; nothing was appended
   * @throws {AppendUnavailableError} when the outcome is unknown: repeat with the same event ids
   */
  append(stream: string, expected: number, events: readonly EventToAppend[]): Promise<Appended>;
  /** Reads a stream; an absent stream is an empty one. Limit default: 5,000 events; longer streams are read on by `from`. */
  readStream(stream: string, query?: StreamQuery): Promise<readonly StoredEvent[]>;
  /** Reads the log in the store's order. */
  readLog(query: LogQuery): Promise<LogPage>;
  /**
   * Follows the log live, page by page, never empty pages, until the signal is aborted (then it ends without an error).
   * Recovers by itself from lost connections.
   */
  follow(query: LogQuery, signal: AbortSignal): AsyncIterable<LogPage>;
  /** Position of the last event, `BEFORE_FIRST` when empty. */
  head(): Promise<number>;
  close(): Promise<void>;
}
