import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { type Database, holdLease, type Lease, type Leases } from '#libs/database';
import type { EventStore } from '#libs/event-store';
import type { Clock } from '#libs/kernel';
import { keepSealing } from '#libs/ledger';
import { CLOCK, DATABASE, EVENT_STORE, LEASES } from '#libs/platform';

/** Role of the one process that seals. */
export const RELAY_ROLE = 'relay';

/** Wait after a failure before sealing is tried again, in milliseconds. */
const RETRY_MS = 500;

/** Seals the log for as long as the application runs, whenever this process holds the role. Another relay waits and takes over. */
@Injectable()
export class RelayProcess implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #log = new Logger(RelayProcess.name);
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #holding = false;
  #sealedThrough = -1;

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LEASES) private readonly leases: Leases,
  ) {}

  /** Whether this process is the one that seals now. */
  get holdsRole(): boolean {
    return this.#holding;
  }

  /** Position up to which this process has sealed, -1 before its first batch. */
  get sealedThrough(): number {
    return this.#sealedThrough;
  }

  onApplicationBootstrap(): void {
    const log = {
      info: (text: string) => this.#log.log(text),
      warn: (text: string) => this.#log.warn(text),
      error: (text: string) => this.#log.error(text),
    };
    const work = (lease: Lease, signal: AbortSignal) => this.#seal(lease, signal);
    this.#running = holdLease({ leases: this.leases, role: RELAY_ROLE, work, signal: this.#stop.signal, log });
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #seal(lease: Lease, signal: AbortSignal): Promise<void> {
    this.#holding = true;
    try {
      while (!signal.aborted) await this.#sealUntilTrouble(lease, signal);
    } finally {
      this.#holding = false;
    }
  }

  /** After a failure the sealer starts from what is sealed, so nothing is lost or sealed twice. */
  async #sealUntilTrouble(lease: Lease, signal: AbortSignal): Promise<void> {
    const { database, store, clock } = this;
    try {
      for await (const { sealedThrough } of keepSealing({ database, store, clock, lease }, signal))
        this.#sealedThrough = sealedThrough;
    } catch (error) {
      if (signal.aborted) return;
      this.#log.error(
        `Sealing failed and will be tried again: ${error instanceof Error ? error.message : 'unknown error'}`,
      );
      await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
    }
  }
}
