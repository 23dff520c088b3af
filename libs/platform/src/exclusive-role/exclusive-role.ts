import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { holdLease, type Lease, LeaseLostError, type Leases } from '#libs/database';
import { describeError } from '../logging/describe-error.js';

/** Wait after a failure before the work is begun again, in milliseconds. */
const RETRY_MS = 500;

/** What a process does while it alone may do it. */
export interface ExclusiveRoleOptions {
  /** Name of the lease. */
  readonly role: string;
  readonly leases: Leases;
  /**
   * Runs until the signal is aborted. What it writes it guards with the lease. If it fails it is begun again after a moment, from whatever
   * it keeps of its progress; if it returns before, the role is given back for good.
   */
  readonly work: (lease: Lease, signal: AbortSignal) => Promise<void>;
}

/** A role that one process plays at a time: this one whenever it holds the lease, otherwise it waits and takes over. */
export class ExclusiveRole {
  readonly #log: Logger;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #holding = false;

  constructor(private readonly options: ExclusiveRoleOptions) {
    this.#log = new Logger(options.role);
  }

  /** Whether this process plays the role now. */
  get holding(): boolean {
    return this.#holding;
  }

  /** Begins to ask for the role. */
  start(): void {
    const { role, leases } = this.options;
    this.#running = holdLease({
      role,
      leases,
      work: (lease, signal) => this.#play(lease, signal),
      signal: this.#stop.signal,
      log: {
        info: (message) => this.#log.log(message),
        warn: (message) => this.#log.warn(message),
        error: (message) => this.#log.error(message),
      },
    });
  }

  /** Gives the role back; resolves when the work has ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #play(lease: Lease, signal: AbortSignal): Promise<void> {
    this.#holding = true;
    try {
      while (await this.#failed(lease, signal)) await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    } finally {
      this.#holding = false;
    }
  }

  /** A lost role, and an end that was asked for, are for the holder of the lease to see. */
  async #failed(lease: Lease, signal: AbortSignal): Promise<boolean> {
    try {
      await this.options.work(lease, signal);
      return false;
    } catch (error) {
      if (signal.aborted || error instanceof LeaseLostError) throw error;
      this.#log.error({ err: describeError(error) }, 'failed and will be tried again');
      return true;
    }
  }
}
