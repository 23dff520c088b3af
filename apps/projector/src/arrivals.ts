import type { SealedEvents } from '#libs/bus';

/** Remembers when something of the sealed log came last. Each partition ticks every second, so silence means that nothing carries it. */
export class Arrivals {
  #last = Number.NEGATIVE_INFINITY;
  #beingTaken = 0;

  /** Milliseconds since the last batch or tick; 0 while one is being taken, infinite before the first. */
  get silentMs(): number {
    return this.#beingTaken > 0 ? 0 : performance.now() - this.#last;
  }

  /** The same, with an eye on what comes. */
  watched({ shared, follow }: SealedEvents): SealedEvents {
    return {
      shared,
      follow: (reader, signal) =>
        follow({ ...reader, take: (batch) => this.#during(() => reader.take(batch)) }, signal),
    };
  }

  async #during<T>(taking: () => Promise<T>): Promise<T> {
    this.#beingTaken += 1;
    try {
      return await taking();
    } finally {
      this.#beingTaken -= 1;
      this.#last = performance.now();
    }
  }
}
