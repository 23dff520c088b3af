import type { Nudge } from '../nudge.js';

/** Longest wait without a read of one's own, in milliseconds: the net under a look that never comes back. */
const NET_MS = 10_000;

/** How the head of a log is looked at for all its followers. */
export interface HeadLooksOptions {
  /** Position of the last event. */
  readonly head: () => Promise<number>;
  /** Longest time in milliseconds between two looks while a follower waits. */
  readonly idleMs: number;
  /** Woken by the appends of this process. */
  readonly nudge: Nudge;
}

interface Waiter {
  readonly after: number;
  readonly done: AbortController;
  failure: { readonly error: unknown } | null;
}

/**
 * One look at the head for all followers of a store that wait, instead of a read by each of them. Looks only while somebody waits:
 * the last one to leave takes the timer along.
 */
export class HeadLooks {
  readonly #options: HeadLooksOptions;
  readonly #waiting = new Set<Waiter>();
  #timer: NodeJS.Timeout | null = null;
  #looking = false;

  constructor(options: HeadLooksOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the head has passed `after`, on a nudge since `seen` was taken, or when the signal is aborted. May be spurious.
   * @throws what the look failed with, to every follower that waited for it
   */
  async untilPast(after: number, seen: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const waiter: Waiter = { after, done: new AbortController(), failure: null };
    const leave = () => waiter.done.abort();
    signal.addEventListener('abort', leave, { once: true });
    this.#waiting.add(waiter);
    this.#plan();
    await this.#options.nudge.sleep(seen, NET_MS, waiter.done.signal);
    signal.removeEventListener('abort', leave);
    this.#waiting.delete(waiter);
    if (this.#waiting.size === 0) this.#rest();
    if (waiter.failure !== null) throw waiter.failure.error;
  }

  #plan(): void {
    if (this.#timer !== null || this.#looking || this.#waiting.size === 0) return;
    this.#timer = setTimeout(() => void this.#look(), this.#options.idleMs);
  }

  #rest(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  async #look(): Promise<void> {
    this.#timer = null;
    this.#looking = true;
    try {
      const head = await this.#options.head();
      for (const waiter of this.#waiting) if (waiter.after < head) waiter.done.abort();
    } catch (error) {
      for (const waiter of this.#waiting) {
        waiter.failure = { error };
        waiter.done.abort();
      }
    }
    this.#looking = false;
    this.#plan();
  }
}
