import { EVERY_PARTITION, type SealedBatch } from '#libs/bus';
import type { Stop } from './understanding.js';

/** How long ticks wait for each other, milliseconds: all twelve partitions tick after every batch of the relay and every second. */
const TICKS_TOGETHER_MS = 20;

/** Takes batches of several partitions at once. @returns why some of them were not taken as a whole */
export type TakeTogether = (batches: readonly SealedBatch[]) => Promise<ReadonlyMap<SealedBatch, Stop>>;

/** Why nothing is taken any more. */
type End = { readonly stop: Stop } | { readonly error: unknown };

interface Waiting {
  readonly batch: SealedBatch;
  readonly resolve: (stop: Stop | null) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Brings together what arrives in several partitions while the last transaction runs, so that many small batches cost one. A tick of a
 * partition is answered at once and written soon: it only says how far the reader has come, so nothing is lost with it.
 */
export class Intake {
  readonly #waiting: Waiting[] = [];
  readonly #ticks = new Map<number, SealedBatch>();
  #busy = false;
  #working: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  #end: End | null = null;

  constructor(private readonly takeTogether: TakeTogether) {}

  /** Takes a batch; one at a time per partition. @returns why it was not taken as a whole, if so; nothing is taken after that */
  take(batch: SealedBatch): Promise<Stop | null> {
    if (batch.partition !== EVERY_PARTITION && batch.events.length === 0 && this.#end === null) {
      this.#ticks.set(batch.partition, batch);
      this.#timer ??= setTimeout(() => this.#work(), TICKS_TOGETHER_MS);
      return Promise.resolve(null);
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ batch, resolve, reject });
      this.#work();
    });
  }

  /** Writes the ticks that wait; nothing may be taken after that. */
  async close(): Promise<void> {
    this.#work();
    if (this.#timer) clearTimeout(this.#timer);
    await this.#working;
  }

  #work(): void {
    if (this.#busy || this.#waiting.length + this.#ticks.size === 0) return;
    this.#busy = true;
    this.#working = this.#workOff();
  }

  async #workOff(): Promise<void> {
    while (this.#waiting.length + this.#ticks.size > 0) {
      if (this.#timer) clearTimeout(this.#timer);
      this.#timer = null;
      const ticks = [...this.#ticks.values()];
      const group = this.#waiting.splice(0);
      this.#ticks.clear();
      if (this.#end) answer(group, this.#end);
      else await this.#takeGroup(ticks, group);
    }
    this.#busy = false; // in the same turn as the last look, so that nobody comes in between
  }

  async #takeGroup(ticks: readonly SealedBatch[], group: readonly Waiting[]): Promise<void> {
    try {
      const stops = await this.takeTogether([...ticks, ...group.map(({ batch }) => batch)]);
      for (const stop of stops.values()) this.#end ??= { stop };
      for (const { batch, resolve } of group) resolve(stops.get(batch) ?? null);
    } catch (error) {
      this.#end = { error };
      answer(group, this.#end);
    }
  }
}

/** What comes after the end gets its reason, too. */
function answer(group: readonly Waiting[], end: End): void {
  for (const { resolve, reject } of group) 'stop' in end ? resolve(end.stop) : reject(end.error);
}
