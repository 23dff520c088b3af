import { setImmediate as nextTurn } from 'node:timers/promises';

/** Longest that one answer is worked on, milliseconds: it comes within a minute, also where the last page takes long. */
const STINT_MAX_MS = 40_000;

/** Longest that others wait for their turn of the event loop, milliseconds. */
const TURN_MAX_MS = 20;

/** A limited time of work, in turns that leave the process time for others. */
export class Stint {
  readonly #endsAt: number;
  #turnBegan = performance.now();

  /** @param signal aborted when nobody waits for the answer any more */
  constructor(
    private readonly signal: AbortSignal,
    maxMs = STINT_MAX_MS,
  ) {
    this.#endsAt = performance.now() + maxMs;
  }

  isOver(): boolean {
    return this.signal.aborted || performance.now() >= this.#endsAt;
  }

  /** Call between small pieces of work. */
  async breathe(): Promise<void> {
    if (performance.now() - this.#turnBegan < TURN_MAX_MS) return;
    await nextTurn();
    this.#turnBegan = performance.now();
  }
}
