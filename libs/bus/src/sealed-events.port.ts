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
}

/** The next stretch of the sealed log; without events it is a tick. */
export interface SealedBatch {
  /** In order, without a gap to the batch before. */
  readonly events: readonly SealedStoredEvent[];
  /** Everything sealed up to this position has been delivered, with this batch or before. */
  readonly sealedThrough: number;
  /** Likewise in the store's own order, for `minPosition`. */
  readonly storeThrough: number;
}

/**
 * The sealed log as readers receive it. Adapters differ in how events travel, not in what arrives;
 * `sealed-events.contract.ts` is their specification.
 */
export interface SealedEvents {
  /**
   * Follows the sealed log: every event after `after` exactly once, in order, in batches of at most 1,000; a tick at least once per
   * second while nothing happens, the first one at once. Recovers by itself from lost connections. Ends without an error when the
   * signal is aborted.
   * @param from.after position, exclusive; `BEFORE_SEALED` starts at the beginning
   * @throws {SealedLogBrokenError} when the log does not go on where the reader stands, or does not agree with the store: stop and alarm
   */
  follow(from: { readonly after: number; readonly signal: AbortSignal }): AsyncIterable<SealedBatch>;
}
