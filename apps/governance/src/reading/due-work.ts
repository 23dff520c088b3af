import { Logger } from '@nestjs/common';
import type { Leases } from '#libs/database';
import { describeError } from '#libs/platform';
import { PeriodicWork } from './periodic-work.js';

/** So long a thing that could not be settled is left alone, milliseconds; of real time. */
const REST_MS = 30_000;

/** Most things that are remembered as such. */
const RESTING_MAX = 10_000;

/** Most things that one question may ask for. */
const FOUND_MAX = 1_000;

/** A thing about which something is to be done. */
export interface DueThing {
  readonly tenant: string;
  /** What is to be done, in one word. */
  readonly due: string;
}

/** What is settled, and how often somebody looks. */
export interface DueWorkOptions<T extends DueThing> {
  /** Role of the one process that does it; its log bears the same name. */
  readonly role: string;
  readonly leases: Leases;
  /** Pause between two looks, milliseconds. */
  readonly everyMs: number;
  /** Most things that one look takes on, 1–500; the next one finds the others. */
  readonly perLook: number;
  /** Things that are settled at the same time. */
  readonly atOnce: number;
  /** Finds what is due now, in one order. @param limit 1–1,000 */
  readonly find: (limit: number) => Promise<readonly T[]>;
  readonly idOf: (due: T) => string;
  /** Settles one. It may come a second time before the read model knows of the first. */
  readonly settle: (due: T) => Promise<unknown>;
}

/** Settles what is due, over and over, in one process at a time. A thing that fails is left alone for a while and holds nobody up. */
export class DueWork<T extends DueThing> {
  readonly #log: Logger;
  readonly #work: PeriodicWork;
  /** Thing → until when it is left alone. */
  readonly #resting = new Map<string, number>();

  constructor(private readonly options: DueWorkOptions<T>) {
    const { role, leases, everyMs } = options;
    this.#log = new Logger(role);
    this.#work = new PeriodicWork({ role, leases, everyMs, work: (_lease, signal) => this.look(signal) });
  }

  /** Begins to ask for the role. */
  start(): void {
    this.#work.start();
  }

  /** Resolves when the look under way has ended. */
  async stop(): Promise<void> {
    await this.#work.stop();
  }

  /** Settles whatever is due. */
  async look(signal: AbortSignal): Promise<void> {
    const { find, idOf, perLook, atOnce } = this.options;
    this.#forgetRested();
    // those that are left alone do not take the others' places
    const found = await find(Math.min(perLook + this.#resting.size, FOUND_MAX));
    const awake = found.filter((due) => !this.#resting.has(idOf(due)));
    for (let at = 0; at < awake.length && !signal.aborted; at += atOnce)
      await Promise.all(awake.slice(at, at + atOnce).map((due) => this.#settle(due)));
  }

  async #settle(due: T): Promise<void> {
    const { idOf, settle } = this.options;
    try {
      await settle(due);
    } catch (error) {
      if (this.#resting.size >= RESTING_MAX) this.#resting.clear();
      this.#resting.set(idOf(due), performance.now() + REST_MS);
      const what = { tenant: due.tenant, id: idOf(due), due: due.due };
      this.#log.error({ err: describeError(error), ...what }, 'could not be settled and will be tried again');
    }
  }

  #forgetRested(): void {
    const now = performance.now();
    for (const [id, until] of this.#resting) if (until <= now) this.#resting.delete(id);
  }
}
