import { setTimeout as delay } from 'node:timers/promises';
import { type Consumer, type ConsumerCrashEvent, type EachBatchPayload, type Kafka, PartitionAssigners } from 'kafkajs';
import { PARTITIONS } from '../partitions.js';
import type { SealedEventsReader } from '../sealed-events.port.js';
import { PartitionReader, type PartitionSurroundings } from './partition-reader.js';

/** How one consumer came to its end. */
export type ReadingEnd =
  /** It was told to, or the reader wants no more. */
  | { readonly kind: 'done' }
  /** What the reader threw, or what must not be read on over. */
  | { readonly kind: 'refused'; readonly error: unknown }
  /** The consumer crashed or fell silent; another may do better. */
  | { readonly kind: 'failed'; readonly error: unknown };

/** A member that sends no sign of life for this long loses its partitions to the others, in milliseconds. */
const SESSION_MS = 10_000;
const HEARTBEAT_MS = 1_000;
/** How long the others wait for a member to hand its partitions over when they are shared out anew, in milliseconds. */
const REBALANCE_MS = 30_000;
/** How long the broker holds a request for records when there are none, in milliseconds. */
const FETCH_WAIT_MS = 250;
/**
 * Most bytes of one partition in one answer, and of all of them, per broker; a single larger record comes all the same. In memory, decoded,
 * it is a few times as much.
 */
const PARTITION_FETCH_BYTES = 1_048_576;
const FETCH_BYTES = 8_388_608;
/** A consumer that neither fetched, nor heard from its group, nor read for this long is built anew, in milliseconds. */
const SILENCE_MS = 45_000;
const LOOK_MS = 1_000;
/** Progress is told to Kafka at most this often, in milliseconds. */
const COMMIT_MS = 1_000;
/** Longest wait for a consumer to leave its group, in milliseconds. */
const LEAVE_MS = 5_000;

/** Whose events are read, and who is told of what happens meanwhile. */
export interface ReadingOptions {
  /** Whose events these are; those of another installation are refused. */
  readonly installation: string;
  /** Told of every failure that the reader gets over by itself, and of records that Gatebook did not publish. */
  readonly onTrouble?: (error: unknown) => void;
  /** Told of events that came again and were left out, by number: after a crash or a second relay they do. */
  readonly onDuplicate?: (count: number) => void;
  /** Told of the partitions that this reader has now, whenever they are shared out. */
  readonly onRebalance?: (partitions: readonly number[]) => void;
}

interface GroupReadingOptions extends ReadingOptions {
  readonly client: Kafka;
  readonly topic: string;
  readonly reader: SealedEventsReader;
  readonly signal: AbortSignal;
}

/**
 * Name of the consumer group, such as `gatebook.projector@gatebook.events.v1`. The topic is part of it, so that installations which share a
 * broker do not share partitions out among each other.
 */
export function groupOf(reader: string, topic: string): string {
  return `${reader}@${topic}`;
}

/** One consumer in its group, from its start to its end. It never restarts itself: whoever made it makes another. */
export class GroupReading {
  readonly #consumer: Consumer;
  readonly #end = Promise.withResolvers<ReadingEnd>();
  readonly #around: PartitionSurroundings;
  #partitions = new Map<number, PartitionReader>();
  #finished = false;
  /** What is being read of a partition: when the group is shared out anew it may go on for a while, and nothing else may begin. */
  readonly #inHand = new Map<number, Promise<void>>();
  #lifeSign = performance.now();
  #toCommit = new Map<number, string>();
  #hasRead = false;

  constructor(private readonly options: GroupReadingOptions) {
    const { client, reader, topic, installation, onDuplicate = () => {}, onTrouble = () => {} } = options;
    this.#consumer = client.consumer({
      groupId: groupOf(reader.name, topic),
      partitionAssigners: [PartitionAssigners.roundRobin],
      sessionTimeout: SESSION_MS,
      heartbeatInterval: HEARTBEAT_MS,
      rebalanceTimeout: REBALANCE_MS,
      maxWaitTimeInMs: FETCH_WAIT_MS,
      maxBytesPerPartition: PARTITION_FETCH_BYTES,
      maxBytes: FETCH_BYTES,
      allowAutoTopicCreation: false,
    });
    const seek = (partition: number, offset: number) =>
      this.#consumer.seek({ topic, partition, offset: String(offset) });
    this.#around = { reader, topic, installation, seek, onDuplicate, onTrouble };
  }

  /** Whether it got as far as reading. */
  get hasRead(): boolean {
    return this.#hasRead;
  }

  /** Runs it and waits for its end; it has left its group then. */
  async ended(): Promise<ReadingEnd> {
    const { signal } = this.options;
    const abort = () => this.#finish({ kind: 'done' });
    const silence = setInterval(() => this.#lookForLife(), LOOK_MS);
    const commits = setInterval(() => this.#commit(), COMMIT_MS);
    signal.addEventListener('abort', abort, { once: true });
    this.#listen();
    this.#start().catch((error: unknown) => this.#finish({ kind: 'failed', error }));
    const end = await this.#end.promise;
    signal.removeEventListener('abort', abort);
    clearInterval(silence);
    clearInterval(commits);
    await Promise.race([
      this.#consumer.disconnect().catch(() => undefined),
      delay(LEAVE_MS, undefined, { ref: false }),
    ]);
    return end;
  }

  async #start(): Promise<void> {
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics: [this.options.topic], fromBeginning: true });
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: PARTITIONS, // what comes together is taken together
      eachBatch: (payload) => this.#eachBatch(payload),
    });
  }

  #listen(): void {
    const { events, on } = this.#consumer;
    const alive = () => {
      this.#lifeSign = performance.now();
    };
    on(events.FETCH, alive);
    on(events.HEARTBEAT, alive);
    on(events.CRASH, ({ payload }: ConsumerCrashEvent) => this.#finish({ kind: 'failed', error: payload.error }));
    on(events.GROUP_JOIN, ({ payload }) => {
      alive();
      // Others may have read meanwhile, so every place is asked for again.
      this.#partitions = new Map();
      this.#toCommit = new Map();
      this.options.onRebalance?.(payload.memberAssignment[this.options.topic] ?? []);
    });
  }

  async #eachBatch(payload: EachBatchPayload): Promise<void> {
    const { partition } = payload.batch;
    await this.#inHand.get(partition);
    const partitions = this.#partitions;
    const reading = partitions.get(partition) ?? new PartitionReader(partition, this.#around);
    partitions.set(partition, reading);
    // Once the group is shared out anew, or all is to end, what was fetched before is nobody's.
    const isRunning = () => !this.#finished && this.#partitions === partitions && payload.isRunning();
    const resolveOffset = (offset: string) => {
      if (this.#partitions !== partitions) return;
      payload.resolveOffset(offset);
      this.#toCommit.set(partition, String(Number(offset) + 1));
    };
    const beat = setInterval(() => payload.heartbeat().catch(() => undefined), HEARTBEAT_MS);
    const read = this.#read(reading, { ...payload, isRunning, resolveOffset }).finally(() => clearInterval(beat));
    this.#inHand.set(partition, read);
    await read;
    if (this.#inHand.get(partition) === read) this.#inHand.delete(partition);
  }

  async #read(reading: PartitionReader, payload: EachBatchPayload): Promise<void> {
    try {
      if ((await reading.read(payload)) === 'stop') this.#finish({ kind: 'done' });
      this.#hasRead = true;
    } catch (error) {
      this.#finish({ kind: 'refused', error });
    } finally {
      this.#lifeSign = performance.now();
    }
  }

  /** Only a hint, and for tools that show how far a group is; so a failure is no trouble. */
  #commit(): void {
    const { topic } = this.options;
    const offsets = [...this.#toCommit].map(([partition, offset]) => ({ topic, partition, offset }));
    this.#toCommit = new Map();
    if (offsets.length) this.#consumer.commitOffsets(offsets).catch(() => undefined);
  }

  #lookForLife(): void {
    if (this.#inHand.size > 0 || performance.now() - this.#lifeSign < SILENCE_MS) return;
    this.#finish({ kind: 'failed', error: new Error(`Kafka has not answered for ${SILENCE_MS / 1_000} seconds.`) });
  }

  #finish(end: ReadingEnd): void {
    this.#finished = true;
    this.#end.resolve(end);
  }
}
