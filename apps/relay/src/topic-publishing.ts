import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger, Optional } from '@nestjs/common';
import {
  type KafkaOptions,
  type KafkaPublisher,
  KafkaUnavailableError,
  kafkaPublisher,
  keepPublishing,
  publishedThrough,
  sealedLogEvents,
  topicOf,
} from '#libs/bus';
import { type Database, type Lease, LeaseLostError } from '#libs/database';
import type { EventStore } from '#libs/event-store';
import { DomainError } from '#libs/kernel';
import { readBelonging } from '#libs/ledger';
import { DATABASE, describeError, EVENT_STORE, KAFKA, type ReadinessAnswer, RelayMetrics } from '#libs/platform';

/** Something is acknowledged every second; after this long without, Kafka counts as away, in milliseconds. */
const AWAY_MS = 5_000;

/** How long the same trouble is not told again, in milliseconds. */
const TELL_AGAIN_MS = 60_000;

/** Wait after a failure before publishing is begun again, in milliseconds. */
const RETRY_MS = 1_000;

/**
 * Publishes the sealed log to Kafka, where it is used. Kafka being away never stops the sealing: publishing is begun again until it
 * succeeds, from what the broker is known to hold.
 */
@Injectable()
export class TopicPublishing {
  readonly #log = new Logger(TopicPublishing.name);
  #state: 'idle' | 'starting' | 'publishing' = 'idle';
  readonly #tell = (level: 'warn' | 'error', message: string) => this.#log[level](message);
  #problem: Error | null = null;
  #acknowledgedAt = 0;
  #told = { trouble: '', at: 0 };

  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Optional() @Inject(KAFKA) private readonly kafka: KafkaOptions | null = null,
    @Optional() private readonly metrics?: RelayMetrics,
  ) {}

  /** Whether there is a Kafka to publish to. */
  get isUsed(): boolean {
    return this.kafka !== null;
  }

  /** What is in the way now; null when nothing is. */
  get problem(): Error | null {
    const isAway = this.#state === 'publishing' && performance.now() - this.#acknowledgedAt > AWAY_MS;
    return isAway
      ? new KafkaUnavailableError('no broker acknowledges. It is tried again for as long as it takes.')
      : this.#problem;
  }

  /** What this process says of its readiness to publish. A topic that may not be used, or a broker that is away, is told with what mends it. */
  ready(): ReadinessAnswer {
    const { problem } = this;
    if (problem) {
      const detail = problem instanceof DomainError ? problem.message : 'publishing failed; see the log';
      return { ready: false, detail };
    }
    if (this.#state === 'idle') return { ready: true, detail: 'standing by' };
    return { ready: this.#state === 'publishing', detail: this.#state };
  }

  /** Position that is published and saved; null where Kafka is not used. */
  async publishedThrough(): Promise<number | null> {
    return this.kafka && publishedThrough(this.database, topicOf(this.kafka));
  }

  /**
   * Publishes while the role is held, until the signal is aborted.
   * @throws {LeaseLostError} when another process took the role over
   */
  async run(lease: Lease, signal: AbortSignal): Promise<void> {
    if (!this.kafka) return;
    this.#state = 'starting';
    try {
      while (!signal.aborted) {
        await this.#publish(this.kafka, lease, signal).catch((error: unknown) => this.#note(error));
        await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    } finally {
      this.#state = 'idle';
      this.#problem = null;
    }
  }

  async #publish(kafka: KafkaOptions, lease: Lease, signal: AbortSignal): Promise<void> {
    const { database, store } = this;
    const { installation } = await readBelonging(database);
    if (installation === null) throw new TypeError('Nothing is published before the installation has begun.');
    const onReady = () => {
      this.#state = 'publishing';
      this.#problem = null;
      this.#acknowledgedAt = performance.now();
    };
    const onAcknowledged = () => {
      this.#acknowledgedAt = performance.now();
    };
    const source = sealedLogEvents({ database, store, onTrouble: (error) => this.#warn(error) });
    const publisher = this.openPublisher(kafka, installation);
    const onPublished = ({ count }: { readonly count: number }) => this.metrics?.publishedEvents(count);
    const log = this.#tell;
    await keepPublishing({ source, publisher, database, lease, onReady, onAcknowledged, onPublished, log }, signal);
  }

  /** What the records go through. Runs under faults put a broken one in its place, to see that the loss is found. */
  protected openPublisher(kafka: KafkaOptions, installation: string): KafkaPublisher {
    return kafkaPublisher({ kafka, installation, log: this.#tell });
  }

  #note(error: unknown): void {
    if (error instanceof LeaseLostError) throw error;
    this.#state = 'starting';
    this.#problem = error instanceof Error ? error : new Error('unknown');
    this.#warn(error);
  }

  /** The same trouble is told once a minute: it is tried again every second. */
  #warn(error: unknown): void {
    const trouble = error instanceof Error ? error.message : 'unknown';
    const now = performance.now();
    if (trouble === this.#told.trouble && now - this.#told.at < TELL_AGAIN_MS) return;
    this.#told = { trouble, at: now };
    this.#log.warn({ err: describeError(error) }, 'publishing failed and will be tried again');
  }
}
