import { setTimeout as delay } from 'node:timers/promises';
import { ExclusiveRole, type ExclusiveRoleOptions } from '#libs/platform';

/** Something that one process at a time does over and over. */
export interface PeriodicWorkOptions extends ExclusiveRoleOptions {
  /** Pause between two runs, milliseconds. */
  readonly everyMs: number;
}

/**
 * Runs work again and again, in whichever process holds its role. A run that fails is logged and comes again; `soon()` brings the next one
 * forward.
 */
export class PeriodicWork {
  readonly #role: ExclusiveRole;
  #wake: () => void = () => undefined;
  #woken = false;

  constructor({ role, leases, everyMs, work }: PeriodicWorkOptions) {
    this.#role = new ExclusiveRole({
      role,
      leases,
      work: async (lease, signal) => {
        while (!signal.aborted) {
          this.#woken = false;
          await work(lease, signal);
          await this.#pause(everyMs, signal);
        }
      },
    });
  }

  /** Begins to ask for the role. */
  start(): void {
    this.#role.start();
  }

  /** The next run begins at once, after the one under way. */
  soon(): void {
    this.#woken = true;
    this.#wake();
  }

  /** Resolves when the run under way has ended. */
  async stop(): Promise<void> {
    await this.#role.stop();
  }

  async #pause(everyMs: number, signal: AbortSignal): Promise<void> {
    if (this.#woken || signal.aborted) return;
    const timer = new AbortController();
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    await Promise.race([
      woken,
      delay(everyMs, undefined, { signal: AbortSignal.any([signal, timer.signal]) }).catch(() => undefined),
    ]);
    timer.abort();
  }
}
