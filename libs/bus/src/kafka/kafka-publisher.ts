import { CompressionTypes, type Kafka, type Message, Partitioners, type Producer, type RecordMetadata } from 'kafkajs';
import { ForeignTopicError, KafkaUnavailableError } from './kafka.errors.js';
import { type KafkaLog, kafkaClient } from './kafka-client.js';
import { type KafkaOptions, topicOf } from './kafka-options.js';
import { ensureTopic, type PartitionRange } from './kafka-topic.js';
import { type RecordsByPartition, requestsOf } from './publish-requests.js';
import { topicInstallation } from './topic-installation.js';

/** Writes to the topic of one installation. */
export interface KafkaPublisher {
  readonly topic: string;
  readonly installation: string;
  /**
   * Makes sure that the topic exists, is safe and is this installation's.
   * @param known whether this installation has published to it before; otherwise its oldest records are looked at
   * @returns what its partitions hold, index = partition
   * @throws {UnsafeTopicError} {ForeignTopicError} {KafkaUnavailableError}
   */
  prepare(known: boolean): Promise<readonly PartitionRange[]>;
  /**
   * Writes records, in order within each partition; resolves once all of them are acknowledged by every in-sync broker. When it rejects,
   * some may be there all the same: publish again from what is known to be acknowledged.
   * @returns offset of the last record by partition, -1 where there was none; index = partition
   */
  publish(records: RecordsByPartition): Promise<readonly number[]>;
  close(): Promise<void>;
}

/** Publishes to Kafka with an idempotent producer. Connects when it is first used. */
export function kafkaPublisher({
  kafka,
  installation,
  log,
}: {
  readonly kafka: KafkaOptions;
  readonly installation: string;
  readonly log?: KafkaLog;
}): KafkaPublisher {
  const topic = topicOf(kafka);
  const writer = new Writer(kafkaClient(kafka, { log }), topic);
  return {
    topic,
    installation,
    prepare: async (known) => {
      const ranges = await ensureTopic(kafkaClient(kafka, { log, impatient: true }), topic);
      const owner = known ? installation : await topicInstallation(kafkaClient(kafka, { log }), topic, ranges);
      if (owner !== null && owner !== installation) throw new ForeignTopicError(topic, owner, installation);
      return ranges;
    },
    publish: (records) => writer.write(records),
    close: () => writer.close(),
  };
}

/**
 * After any failed write the producer is thrown away. Its sequence numbers would be rolled back although the broker may have stored the
 * records, and the broker would then drop the next, different ones as repeats and acknowledge them: a loss in silence.
 */
class Writer {
  #producer: Producer | null = null;

  constructor(
    private readonly client: Kafka,
    private readonly topic: string,
  ) {}

  async write(records: RecordsByPartition): Promise<readonly number[]> {
    const last = records.map(() => -1);
    try {
      const producer = await this.#connected();
      for (const round of requestsOf(records)) {
        const results = await this.#send(producer, round);
        for (const [partition, piece] of round) last[partition] = lastOffset(results, partition, piece.length);
      }
      return last;
    } catch (error) {
      this.close().catch(() => undefined);
      throw error;
    }
  }

  async close(): Promise<void> {
    const producer = this.#producer;
    this.#producer = null;
    await producer?.disconnect();
  }

  async #connected(): Promise<Producer> {
    if (this.#producer) return this.#producer;
    const producer = this.client.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    this.#producer = producer;
    await producer.connect();
    return producer;
  }

  #send(producer: Producer, round: ReadonlyMap<number, readonly Message[]>): Promise<RecordMetadata[]> {
    const messages = [...round].flatMap(([partition, piece]) => piece.map((message) => ({ ...message, partition })));
    return producer.send({ topic: this.topic, messages, acks: -1, compression: CompressionTypes.None });
  }
}

/** The broker's answer is taken at its word only where it names an offset: the client reports neither dropped records nor unknown partitions. */
function lastOffset(results: readonly RecordMetadata[], partition: number, count: number): number {
  const result = results.find((found) => found.partition === partition);
  const base = Number(result?.baseOffset ?? -1);
  if (result?.errorCode !== 0 || !(base >= 0))
    throw new KafkaUnavailableError(
      `partition ${partition} did not acknowledge ${count} records. They are published again.`,
    );
  return base + count - 1;
}
