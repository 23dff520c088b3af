import type { StoredEvent } from '#libs/event-store';

/** Place in the sealed log before its first event. */
export const BEFORE_SEALED = -1;

/** Most events of one batch. */
export const MAX_BATCH_EVENTS = 1_000;

/** Longest time in milliseconds without a batch: an idle reader gets an empty one, a tick. */
export const TICK_MS = 1_000;

/** An event as stored, personal fields still encrypted, with its place in the sealed log. */
export interface SealedStoredEvent extends StoredEvent {
  readonly tenant: string;
  /** Index in the sealed log: dense, 0-based, the same for every reader. */
  readonly position: number;
  /** Index among the tenant's events: dense, 0-based. */
  readonly tenantPosition: number;
  readonly sealedAt: string;
  /**
   * What arrived is not what was sealed (the body is unreadable, or its hash differs), though its place is sure. `data` must not be used;
   * the store has the true event.
   */
  readonly broken?: true;
}

/** The next stretch of one partition, or of the whole log; without events it is a tick. */
export interface SealedBatch {
  /** 0–11, or `EVERY_PARTITION` where the carrier delivers the log as one. */
  readonly partition: number;
  /** In order, without a gap to the batch before of this partition. */
  readonly events: readonly SealedStoredEvent[];
  /** Everything of this partition that was sealed up to this position has been delivered, with this batch or before. */
  readonly sealedThrough: number;
  /** Likewise in the store's own order, for `minPosition`. */
  readonly storeThrough: number;
  /** Where the carrier goes on after this batch; to be kept with the rows and handed back. Opaque, at most 200 characters. */
  readonly bookmark: string | null;
}

/** Where a reader stands in one partition. */
export interface ReadingPlace {
  /** Position up to which it has everything of the partition; `BEFORE_SEALED` for nothing. */
  readonly position: number;
  /** As it came with the batch that was taken last; null when that came another way. Only spares the carrier a search. */
  readonly bookmark: string | null;
}

/** Who takes in the sealed log. */
export interface SealedEventsReader {
  /** Readers of one name share the log, where the carrier can share it: each partition goes to one of them. */
  readonly name: string;
  /** Where to go on in a partition; asked whenever the partition comes to this reader. */
  readonly place: (partition: number) => Promise<ReadingPlace>;
  /**
   * Takes a batch; one at a time per partition. Whoever lost a partition may still be taking its last batch, so what it writes must bear
   * being written twice. Throwing ends `follow` with that error and the batch comes again; answering `stop` ends it without one.
   */
  readonly take: (batch: SealedBatch) => Promise<'go-on' | 'stop'>;
}

/**
 * The sealed log as readers receive it. Adapters differ in how events travel and in how many partitions, not in what arrives;
 * `sealed-events.contract.ts` is their specification.
 */
export interface SealedEvents {
  /**
   * Whether several processes may follow under one name, each with partitions of its own. If not, each gets everything, and only one may
   * follow at a time.
   */
  readonly shared: boolean;
  /**
   * Follows the sealed log from the reader's places: every event exactly once and in the order of its stream, in batches of at most
   * 1,000; a tick for each partition at least once per second while nothing happens, the first one at once. Recovers by itself from lost
   * connections. Resolves when the signal is aborted or the reader says stop.
   * @throws {SealedLogBrokenError} when the log does not go on where the reader stands, or lacks what was sealed: stop and alarm
   */
  follow(reader: SealedEventsReader, signal: AbortSignal): Promise<void>;
}
