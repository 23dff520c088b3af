import { setTimeout as delay } from 'node:timers/promises';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  Optional,
} from '@nestjs/common';
import { type Database, holdLease, type Lease, LeaseLostError, type Leases } from '#libs/database';
import type { EventStore } from '#libs/event-store';
import type { Clock } from '#libs/kernel';
import { keepSealing, lastSealedRow } from '#libs/ledger';
import { CLOCK, DATABASE, describeError, EVENT_STORE, LEASES, Readiness, type ReadinessAnswer } from '#libs/platform';

/** Role of the one process that seals. */
export const RELAY_ROLE = 'relay';

/** Wait after a failure before sealing is tried again, in milliseconds. */
const RETRY_MS = 500;

/**
 * Seals the log for as long as the application runs, whenever this process holds the role; another relay waits and takes over. Ready
 * once everything that the store held at start is sealed, whoever seals; alone on its database only while it holds the role.
 */
@Injectable()
export class RelayProcess implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #log = new Logger(RelayProcess.name);
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #headAtStart = Number.POSITIVE_INFINITY;
  #holding = false;

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LEASES) private readonly leases: Leases,
    @Optional() private readonly readiness?: Readiness,
  ) {}

  /** Whether this process is the one that seals now. */
  get holdsRole(): boolean {
    return this.#holding;
  }

  async onApplicationBootstrap(): Promise<void> {
    this.readiness?.register('sealed-log', () => this.#ready());
    this.#headAtStart = await this.store.head();
    this.#running = holdLease({
      leases: this.leases,
      role: RELAY_ROLE,
      work: (lease, signal) => this.#seal(lease, signal),
      signal: this.#stop.signal,
      log: {
        info: (message) => this.#log.log(message),
        warn: (message) => this.#log.warn(message),
        error: (message) => this.#log.error(message),
      },
    });
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #ready(): Promise<ReadinessAnswer> {
    const detail = this.#holding ? 'sealing' : 'standing by';
    if (this.database.kind === 'embedded' && !this.#holding) return { ready: false, detail };
    const sealed = (await lastSealedRow(this.database))?.storePosition ?? -1;
    return { ready: sealed >= this.#headAtStart, detail };
  }

  async #seal(lease: Lease, signal: AbortSignal): Promise<void> {
    this.#holding = true;
    try {
      while (!signal.aborted) await this.#sealUntilTrouble(lease, signal);
    } finally {
      this.#holding = false;
    }
  }

  /** After a failure the sealer starts from what is sealed, so nothing is lost or sealed twice. A lost role is for `holdLease`. */
  async #sealUntilTrouble(lease: Lease, signal: AbortSignal): Promise<void> {
    const { database, store, clock } = this;
    try {
      for await (const _ of keepSealing({ database, store, clock, lease }, signal));
    } catch (error) {
      if (signal.aborted || error instanceof LeaseLostError) throw error;
      this.#log.error({ err: describeError(error) }, 'sealing failed and will be tried again');
      await delay(RETRY_MS, undefined, { signal }).catch(() => {});
    }
  }
}
