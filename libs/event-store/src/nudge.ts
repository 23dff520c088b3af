/**
 * Wakes readers in the same process as soon as there is something to read; a poll with a longer interval stays as the fallback
 * for what other processes write. Waking carries no data and may be spurious: whoever is woken reads and sees for himself.
 */
export class Nudge {
  #count = 0;
  readonly #sleepers = new Set<() => void>();

  /** How often `wake` was called. Take it before reading and pass it to `sleep`, so that no wake in between is missed. */
  get count(): number {
    return this.#count;
  }

  /** Wakes everybody who sleeps now. */
  wake(): void {
    this.#count += 1;
    for (const rise of [...this.#sleepers]) rise();
  }

  /**
   * Resolves on the next wake, after `milliseconds`, or when the signal is aborted; at once if there was a wake after `seen` was taken.
   * Never rejects.
   */
  sleep(seen: number, milliseconds: number, signal: AbortSignal): Promise<void> {
    if (seen !== this.#count || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const rise = () => {
        clearTimeout(timer);
        this.#sleepers.delete(rise);
        signal.removeEventListener('abort', rise);
        resolve();
      };
      const timer = setTimeout(rise, milliseconds);
      this.#sleepers.add(rise);
      signal.addEventListener('abort', rise, { once: true });
    });
  }
}
