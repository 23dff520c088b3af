/** A way from an append to the eyes of a reader. */
export interface Chain {
  /** Appends something durably. @returns the place that a reader must have reached to see it */
  append(): Promise<number>;
  /** How far readers see. */
  reached(): Promise<number>;
}

/** Milliseconds from the call of an append until it was seen, in a process that times many at once by looking once for all of them. */
export class Watch {
  readonly #waiting: { readonly target: number; readonly seen: () => void }[] = [];
  #looking = false;
  #failed: unknown = null;

  /** @param lookEveryMs pause between two looks: no latency is known finer than this */
  constructor(
    private readonly chain: Chain,
    private readonly lookEveryMs: number,
    private readonly patienceMs: number,
  ) {}

  /** Resolves once readers see up to there. @throws when nothing moves for as long as the patience lasts, or looking fails */
  async seen(target: number): Promise<void> {
    await new Promise<void>((seen) => {
      this.#waiting.push({ target, seen });
      if (!this.#looking) void this.#look();
    });
    if (this.#failed) throw this.#failed;
  }

  async #look(): Promise<void> {
    this.#looking = true;
    let [reached, movedAt] = [-1, performance.now()];
    while (this.#waiting.length > 0) {
      try {
        const now = await this.chain.reached();
        if (now > reached) [reached, movedAt] = [now, performance.now()];
        if (performance.now() - movedAt > this.patienceMs)
          throw new Error(`Readers see nothing new for ${this.patienceMs} ms.`);
      } catch (error) {
        this.#failed = error;
        reached = Number.POSITIVE_INFINITY;
      }
      this.#wake(reached);
      await new Promise((next) => setTimeout(next, this.lookEveryMs));
    }
    this.#looking = false;
  }

  #wake(reached: number): void {
    const still = this.#waiting.splice(0).filter(({ target, seen }) => {
      if (target > reached) return true;
      seen();
      return false;
    });
    this.#waiting.push(...still);
  }
}
