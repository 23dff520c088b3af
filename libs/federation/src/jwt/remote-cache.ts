import { LRUCache } from 'lru-cache';

/** Sizes of a {@link RemoteCache}. */
export interface RemoteCacheOptions {
  /** How long a value is used before it is loaded again. */
  readonly ttlMs: number;
  /** Least time between two loads that a caller forced, per key. */
  readonly forcedEveryMs: number;
  readonly entriesMax: number;
}

interface Entry<T> {
  readonly value: Promise<T>;
  readonly loadedAt: number;
  readonly forcedAt: number;
}

/**
 * Values that other servers publish, each loaded by one request at a time. The time is the caller's.
 * A failed load is forgotten at once, so that the next caller tries again.
 */
export class RemoteCache<T extends object> {
  readonly #entries: LRUCache<string, Entry<T>>;

  constructor(private readonly options: RemoteCacheOptions) {
    this.#entries = new LRUCache({ max: options.entriesMax });
  }

  /** The value of a key, loaded when there is none or it is too old. */
  async get(key: string, now: Date, load: () => Promise<T>): Promise<T> {
    const entry = this.#entries.get(key);
    const age = entry ? now.getTime() - entry.loadedAt : Number.POSITIVE_INFINITY;
    if (entry && age < this.options.ttlMs) return entry.value;
    return this.#load(key, now, entry?.forcedAt ?? Number.NEGATIVE_INFINITY, load);
  }

  /**
   * A newer value than `stale`, for a caller who found that something is missing in it. Loads at most once per
   * `forcedEveryMs` and key, so that strangers who send what no key fits cannot make us press the other server.
   * @returns undefined when there is none and it is too early to ask again
   */
  async fresher(key: string, stale: T, now: Date, load: () => Promise<T>): Promise<T | undefined> {
    const entry = this.#entries.get(key);
    const current = await entry?.value;
    if (current && current !== stale) return current;
    const forcedAt = this.#entries.get(key)?.forcedAt ?? Number.NEGATIVE_INFINITY;
    if (now.getTime() - forcedAt >= this.options.forcedEveryMs) return this.#load(key, now, now.getTime(), load);
    const loading = await this.#entries.get(key)?.value;
    return loading === stale ? undefined : loading;
  }

  #load(key: string, now: Date, forcedAt: number, load: () => Promise<T>): Promise<T> {
    const previous = this.#entries.get(key);
    const value = load();
    const entry = { value, loadedAt: now.getTime(), forcedAt };
    this.#entries.set(key, entry);
    value.catch(() => this.#forget(key, entry, previous));
    return value;
  }

  /** After a failed load: what was there before stays usable for its time, and the failed attempt counts as one. */
  #forget(key: string, failed: Entry<T>, previous: Entry<T> | undefined): void {
    if (this.#entries.get(key) !== failed) return;
    if (previous) this.#entries.set(key, { ...previous, forcedAt: failed.forcedAt });
    else this.#entries.delete(key);
  }
}
