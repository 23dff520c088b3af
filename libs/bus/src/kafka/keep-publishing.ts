import { setTimeout as delay } from 'node:timers/promises';
import type { Database, Lease } from '#libs/database';
import { BEFORE_SEALED, type SealedBatch, type SealedEvents } from '../sealed-events.port.js';
import { explained, ForeignTopicError, PublishingMovedError, UnsafeTopicError } from './kafka.errors.js';
import { type KafkaLog, unheard } from './kafka-client.js';
import type { KafkaPublisher } from './kafka-publisher.js';
import type { PartitionRange } from './kafka-topic.js';
import { NOTHING_PUBLISHED, type Publishing, recordsOf } from './publishing.js';
import { publishedSoFar, savePublishing } from './publishing.queries.js';

/** Longest wait for the connections to close, in milliseconds. */
const CLOSE_MS = 2_000;

/** What publishing needs. */
export interface KeepPublishing {
  /** The sealed log itself. */
  readonly source: SealedEvents;
  readonly publisher: KafkaPublisher;
  readonly database: Pick<Database, 'query' | 'transaction'>;
  /** The role that makes this process the only one that saves how far it came. */
  readonly lease: Pick<Lease, 'guard'>;
  /** Told once the topic is found in order, before anything is published. */
  readonly onReady?: () => void;
  /** Told of every acknowledgement, at least once per second while the broker answers. */
  readonly onAcknowledged?: () => void;
  /** Told of what was acknowledged and saved. */
  readonly onPublished?: (batch: { readonly count: number; readonly through: number }) => void;
  readonly log?: KafkaLog;
}

/**
 * Publishes the sealed log from where the topic stands, until the signal is aborted. How far it came is saved after the broker has
 * acknowledged, so after a crash some events come twice and none is missing; readers leave out what they have. A topic that is
 * shorter than what it acknowledged, since it lost records or was made anew, is published again from the beginning, also when that happens
 * meanwhile. One that holds records although this database never published to it is refused: they may tell of another log.
 * Two at once harm nothing: only the holder of the lease can save, and what the other writes is a repeat.
 * @throws {UnsafeTopicError} {ForeignTopicError} {KafkaUnavailableError} {LeaseLostError} {PublishingMovedError}; begin again then
 */
export async function keepPublishing(work: KeepPublishing, signal: AbortSignal): Promise<void> {
  try {
    const [saved, start] = await whereToGoOn(work);
    work.onReady?.();
    const topic = new TopicInHand(work, saved, start);
    await work.source.follow(
      {
        name: 'publisher',
        place: async () => ({ position: start.position, bookmark: null }),
        take: async (batch) => {
          await unlessAborted(topic.publish(batch), signal);
          return signal.aborted ? 'stop' : 'go-on';
        },
      },
      signal,
    );
  } catch (error) {
    if (!signal.aborted) throw explainedIfKafka(error);
  } finally {
    const closed = work.publisher.close().catch(() => undefined);
    await Promise.race([closed, delay(CLOSE_MS, undefined, { ref: false })]);
  }
}

/** @returns position that the database has for the topic, and from where to publish */
async function whereToGoOn(work: KeepPublishing): Promise<[number, Publishing]> {
  const { publisher, database, lease, log = unheard } = work;
  const { topic, installation } = publisher;
  const saved = await publishedSoFar(database, topic);
  if (saved && saved.installation !== installation)
    throw new ForeignTopicError(topic, saved.installation, installation);
  const ranges = await publisher.prepare(saved?.offsets.some((offset) => offset >= 0) ?? false);
  if (!saved) {
    refuseUnknownRecords(topic, ranges);
    // Before the first record, so that records without this row are another database's.
    await savePublishing(database, lease, { topic, installation, before: null, done: NOTHING_PUBLISHED });
    return [BEFORE_SEALED, NOTHING_PUBLISHED];
  }
  if (!isShorter(ranges, saved)) return [saved.position, saved];
  await publisher.prepare(false); // whoever made it anew may be another installation
  log('warn', `The topic ${topic} lacks records that it acknowledged. The whole log is published to it again.`);
  return [saved.position, NOTHING_PUBLISHED];
}

/** A database that was restored or begun anew has other events at these positions, and readers could not tell them apart. */
function refuseUnknownRecords(topic: string, ranges: readonly PartitionRange[]): void {
  if (ranges.every(({ low, high }) => low === high)) return;
  const problem = 'It holds records, and this database has never published to it: it was restored or is a new one.';
  throw new UnsafeTopicError(topic, [`${problem} Delete the topic; the relay makes it anew and publishes everything.`]);
}

function isShorter(ranges: readonly PartitionRange[], { offsets }: Publishing): boolean {
  return offsets.some((offset, partition) => offset >= (ranges[partition]?.high ?? 0));
}

/** The topic while this process publishes to it. */
class TopicInHand {
  constructor(
    private readonly work: KeepPublishing,
    private saved: number,
    private done: Publishing,
  ) {}

  /** A batch without events is a tick; it saves nothing, but notices when the topic was set back. */
  async publish(batch: SealedBatch): Promise<void> {
    const { publisher, onAcknowledged, onPublished } = this.work;
    const { records, done } = recordsOf(batch, this.done, publisher.installation);
    const acknowledged = await publisher.publish(records);
    if (this.#wasMadeAnew(acknowledged)) await this.#beginAnew();
    onAcknowledged?.();
    const offsets = acknowledged.map((offset, partition) => Math.max(offset, this.done.offsets[partition] ?? -1));
    const now = { ...done, offsets };
    if (batch.events.length) await this.#save(now);
    else await this.#stillThere();
    this.done = now;
    if (batch.events.length) onPublished?.({ count: batch.events.length, through: now.position });
  }

  /** Offsets only ever rise, save in a topic that lost records or was made anew. */
  #wasMadeAnew(acknowledged: readonly number[]): boolean {
    return acknowledged.some((offset, partition) => offset >= 0 && offset <= (this.done.offsets[partition] ?? -1));
  }

  async #beginAnew(): Promise<never> {
    const { publisher, log = unheard } = this.work;
    await this.#save(NOTHING_PUBLISHED);
    log('warn', `The topic ${publisher.topic} was made anew meanwhile. The whole log is published to it again.`);
    throw new PublishingMovedError(publisher.topic);
  }

  async #save(done: Publishing): Promise<void> {
    const { publisher, database, lease } = this.work;
    const { topic, installation } = publisher;
    await savePublishing(database, lease, { topic, installation, before: this.saved, done });
    this.saved = done.position;
  }

  async #stillThere(): Promise<void> {
    const { publisher, database } = this.work;
    const found = await publishedSoFar(database, publisher.topic);
    if (found?.position !== this.saved) throw new PublishingMovedError(publisher.topic);
  }
}

/** A request that is under way may take a minute while a broker is down; whoever is told to end does not wait for it. */
async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<void>();
  const abort = () => aborted.resolve();
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  await Promise.race([work, aborted.promise]).finally(() => signal.removeEventListener('abort', abort));
  work.catch(() => undefined);
}

/** The client's own errors are named after it. */
function explainedIfKafka(error: unknown): unknown {
  return error instanceof Error && error.name.startsWith('KafkaJS') ? explained(error) : error;
}

/** Position that a topic is published to; `BEFORE_SEALED` when nothing is. */
export async function publishedThrough(database: Pick<Database, 'query'>, topic: string): Promise<number> {
  return (await publishedSoFar(database, topic))?.position ?? BEFORE_SEALED;
}
