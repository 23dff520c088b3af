import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown, Optional } from '@nestjs/common';
import type { Database, Lease, Leases } from '#libs/database';
import type { EventStore } from '#libs/event-store';
import type { Clock } from '#libs/kernel';
import { keepSealing, lastSealedRow, SealedEventMissingError, sealPending } from '#libs/ledger';
import { CLOCK, DATABASE, EVENT_STORE, ExclusiveRole, LEASES, Readiness, type ReadinessAnswer } from '#libs/platform';

/** Role of the one process that seals. */
export const RELAY_ROLE = 'relay';

/**
 * Seals the log for as long as the application runs, whenever this process holds the role; another relay waits and takes over. Ready
 * once everything that the store held at start is sealed, whoever seals; alone on its database only while it holds the role. Not ready
 * while the store lacks what was sealed last: then nothing is sealed until an operator acts.
 */
@Injectable()
export class RelayProcess implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #role: ExclusiveRole;
  #headAtStart = Number.POSITIVE_INFINITY;
  #broken: string | null = null;

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LEASES) leases: Leases,
    @Optional() private readonly readiness?: Readiness,
  ) {
    this.#role = new ExclusiveRole({ role: RELAY_ROLE, leases, work: (lease, signal) => this.#seal(lease, signal) });
  }

  /** Whether this process is the one that seals now. */
  get holdsRole(): boolean {
    return this.#role.holding;
  }

  async onApplicationBootstrap(): Promise<void> {
    this.readiness?.register('sealed-log', () => this.ready());
    this.#headAtStart = await this.store.head();
    this.#role.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#role.stop();
  }

  /** What this process says of its readiness. */
  async ready(): Promise<ReadinessAnswer> {
    if (this.#broken !== null) return { ready: false, detail: this.#broken };
    const detail = this.#role.holding ? 'sealing' : 'standing by';
    if (this.database.kind === 'embedded' && !this.#role.holding) return { ready: false, detail };
    const sealed = (await lastSealedRow(this.database))?.storePosition ?? -1;
    return { ready: sealed >= this.#headAtStart, detail };
  }

  /** Begins from what is sealed, so nothing is lost or sealed twice. */
  async #seal(lease: Lease, signal: AbortSignal): Promise<void> {
    const { database, store, clock } = this;
    const sealing = { database, store, clock, lease };
    try {
      await sealPending(sealing);
      this.#broken = null;
      for await (const _ of keepSealing(sealing, signal));
    } catch (error) {
      if (error instanceof SealedEventMissingError) this.#broken = error.message;
      throw error;
    }
  }
}
