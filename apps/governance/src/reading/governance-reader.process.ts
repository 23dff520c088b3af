import { setTimeout as delay } from 'node:timers/promises';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  Optional,
} from '@nestjs/common';
import type { SealedBatch, SealedEvents, SealedStoredEvent } from '#libs/bus';
import type { Database, Lease, Leases } from '#libs/database';
import type { SealedEvent } from '#libs/kernel';
import {
  DATABASE,
  describeError,
  EVENT_CODEC,
  EVENT_STORE,
  type EventCodec,
  type EventStore,
  ExclusiveRole,
  GovernanceMetrics,
  LEASES,
  Readiness,
  type ReadinessAnswer,
  SEALED_EVENTS,
} from '#libs/platform';
import { EventSteps } from './event-steps.js';
import { FollowedStreams } from './followed-streams.js';
import { ReadModelPlace } from './read-model-place.js';
import { ReadingPlaces } from './reading-places.js';

/** Name under which governance reads the sealed log, and its role where one process at a time reads. */
export const READER = 'governance';

/** Pause before reading begins again where it failed as a whole, milliseconds. */
const RETRY_MS = 250;

/** Where several processes read, each has partitions of its own, and what they do twice is recognised. */
const NO_LEASE = { guard: async () => {} };

/** One reading, until its signal is aborted. */
interface Reading {
  readonly streams: FollowedStreams;
  readonly lease: Pick<Lease, 'guard'>;
  readonly signal: AbortSignal;
}

/**
 * Follows the sealed log and takes the steps that follow from it. For each batch it first waits until the read model has it, so that what is
 * looked up there is not older than the event. The place moves when everything of a batch was followed, and stays while something waits aside:
 * after a crash some of it comes again.
 */
@Injectable()
export class GovernanceReader implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #log = new Logger(GovernanceReader.name);
  readonly #ended = new AbortController();
  readonly #moved = new Map<number, number>();
  #role: ExclusiveRole | null = null;
  #running: Promise<void> = Promise.resolve();
  #streams: FollowedStreams | null = null;

  constructor(
    private readonly steps: EventSteps,
    private readonly places: ReadingPlaces,
    private readonly readModel: ReadModelPlace,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(EVENT_CODEC) private readonly codec: EventCodec,
    @Inject(SEALED_EVENTS) private readonly sealedEvents: SealedEvents,
    @Inject(LEASES) private readonly leases: Leases,
    @Optional() private readonly metrics?: GovernanceMetrics,
    @Optional() private readonly readiness?: Readiness,
  ) {}

  onApplicationBootstrap(): void {
    this.readiness?.register('governance', async () => this.#ready());
    if (this.sealedEvents.shared) {
      this.#running = this.#followOn();
      return;
    }
    const role = new ExclusiveRole({
      role: READER,
      leases: this.leases,
      work: (lease, signal) => this.#follow(lease, signal),
    });
    role.start();
    this.#role = role;
  }

  async onApplicationShutdown(): Promise<void> {
    this.#ended.abort();
    await this.#role?.stop();
    await this.#running;
  }

  /** Requests are answered whatever becomes of an event; that one is tried again shows here, in the log and in the metrics. */
  #ready(): ReadinessAnswer {
    if (this.#streams?.isFailing) return { ready: true, detail: 'reading; an event is being tried again, see the log' };
    const reads = this.sealedEvents.shared || this.#role?.holding === true;
    return { ready: reads || this.database.kind !== 'embedded', detail: reads ? 'reading' : 'standing by' };
  }

  async #followOn(): Promise<void> {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      await this.#follow(NO_LEASE, signal).catch((error: unknown) => {
        this.#log.error({ err: describeError(error) }, 'reading failed and will be tried again');
      });
      await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #follow(lease: Pick<Lease, 'guard'>, signal: AbortSignal): Promise<void> {
    const streams = this.#streamsUntil(signal);
    this.#streams = streams;
    try {
      await this.sealedEvents.follow(
        {
          name: READER,
          place: (partition) => this.places.of(partition),
          take: async (batch) => {
            await this.#take(batch, { streams, lease, signal });
            return signal.aborted ? 'stop' : 'go-on';
          },
        },
        signal,
      );
    } finally {
      await streams.end();
    }
  }

  #streamsUntil(signal: AbortSignal): FollowedStreams {
    return new FollowedStreams(
      {
        decode: (events) => this.#decoded(events),
        handle: async (event) => {
          for (const step of this.steps.for(event)) await step.handle(event);
        },
        onFailure: (error, { type, position }) => {
          this.metrics?.eventFailed();
          const said = 'an event was followed in vain; it is tried again';
          this.#log.error({ err: describeError(error), type, position }, said);
        },
      },
      signal,
    );
  }

  async #take(batch: SealedBatch, { streams, lease, signal }: Reading): Promise<void> {
    const { partition, sealedThrough: position, bookmark } = batch;
    const { types } = this.steps;
    const relevant = batch.events.filter(({ type }) => types.has(type));
    const last = relevant.at(-1);
    if (last) await this.readModel.reached(last.position, signal);
    await streams.take(partition, relevant);
    if (signal.aborted || streams.waitsIn(partition) || this.#moved.get(partition) === position) return;
    await this.places.move(partition, { position, bookmark }, lease);
    this.#moved.set(partition, position);
  }

  async #decoded(events: readonly SealedStoredEvent[]): Promise<SealedEvent[]> {
    const whole = await Promise.all(events.map((event) => (event.broken ? this.#fromStore(event) : event)));
    const decoded = await this.codec.decode(whole);
    return decoded.map((event, index) => {
      const { position, tenantPosition, sealedAt } = events[index] as SealedStoredEvent;
      return { ...event, position, tenantPosition, sealedAt };
    });
  }

  /** What was damaged on its way is whole where it was recorded. */
  async #fromStore(event: SealedStoredEvent): Promise<SealedStoredEvent> {
    const [stored] = await this.store.readStream(event.stream, { from: event.revision, limit: 1 });
    if (!stored) throw new Error(`The store lacks an event that was sealed (position: ${event.position}).`);
    return { ...event, ...stored };
  }
}
