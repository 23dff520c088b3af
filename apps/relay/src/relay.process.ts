import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown, Optional } from '@nestjs/common';
import type { Database, Lease, Leases } from '#libs/database';
import type { EventStore } from '#libs/event-store';
import type { Clock } from '#libs/kernel';
import { keepSealing, lastSealedRow, SealedEventMissingError, sealPending } from '#libs/ledger';
import {
  CLOCK,
  DATABASE,
  Dependencies,
  EVENT_STORE,
  ExclusiveRole,
  LEASES,
  Readiness,
  type ReadinessAnswer,
  RelayMetrics,
} from '#libs/platform';
import { relayLag } from './relay-lag.js';
import { TopicPublishing } from './topic-publishing.js';

/** Role of the one process that seals and publishes. */
export const RELAY_ROLE = 'relay';

/**
 * Seals the log for as long as the application runs, whenever this process holds the role; another relay waits and takes over. Ready
 * once everything that the store held at start is sealed, whoever seals; alone on its database only while it holds the role. Not ready
 * while the store lacks what was sealed last: then nothing is sealed until an operator acts. Where Kafka is used, the same process publishes.
 */
@Injectable()
export class RelayProcess implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #role: ExclusiveRole;
  #headAtStart = Number.POSITIVE_INFINITY;
  #broken: string | null = null;

  constructor(
    @Inject(DATABASE) readonly database: Database,
    @Inject(EVENT_STORE) readonly store: EventStore,
    @Inject(CLOCK) readonly clock: Clock,
    @Inject(LEASES) leases: Leases,
    private readonly publishing: TopicPublishing,
    @Optional() private readonly readiness?: Readiness,
    @Optional() private readonly dependencies?: Dependencies,
    @Optional() private readonly metrics?: RelayMetrics,
  ) {
    this.#role = new ExclusiveRole({
      role: RELAY_ROLE,
      leases,
      work: (lease, signal) => this.#sealAndPublish(lease, signal),
    });
  }

  /** Whether this process is the one that seals now. */
  get holdsRole(): boolean {
    return this.#role.holding;
  }

  async onApplicationBootstrap(): Promise<void> {
    this.#tellOperators();
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

  #tellOperators(): void {
    const { publishing, metrics } = this;
    this.readiness?.register('sealed-log', () => this.ready());
    metrics?.showLag(async () => (this.holdsRole ? relayLag(this, await publishing.publishedThrough()) : null));
    if (!publishing.isUsed) return;
    this.readiness?.register('publishing', async () => publishing.ready());
    this.dependencies?.watch('kafka', async () => {
      if (publishing.problem) throw publishing.problem;
    });
  }

  /** Each goes on when the other is in trouble; the loss of the role ends both. */
  async #sealAndPublish(lease: Lease, signal: AbortSignal): Promise<void> {
    const failed = new AbortController();
    const either = AbortSignal.any([signal, failed.signal]);
    const works = [this.#seal(lease, either), this.publishing.run(lease, either)];
    const ended = await Promise.allSettled(works.map((work) => work.catch((error: unknown) => fail(error))));
    for (const end of ended) if (end.status === 'rejected') throw end.reason;

    function fail(error: unknown): never {
      failed.abort();
      throw error;
    }
  }

  /** Begins from what is sealed, so nothing is lost or sealed twice. */
  async #seal(lease: Lease, signal: AbortSignal): Promise<void> {
    const { database, store, clock } = this;
    const sealing = { database, store, clock, lease };
    try {
      const { count } = await sealPending(sealing);
      this.metrics?.sealedEvents(count);
      this.#broken = null;
      for await (const sealed of keepSealing(sealing, signal)) this.metrics?.sealedEvents(sealed.count);
    } catch (error) {
      if (error instanceof SealedEventMissingError) this.#broken = error.message;
      throw error;
    }
  }
}
