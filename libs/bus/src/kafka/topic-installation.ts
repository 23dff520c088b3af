import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { EachBatchPayload, Kafka } from 'kafkajs';
import { explained, KafkaUnavailableError } from './kafka.errors.js';
import { type PartitionRange, withAdmin } from './kafka-topic.js';
import { installationOf } from './topic-record.js';

/** Longest look at a topic, in milliseconds. A broker may let a new group wait for 3 s before it serves it. */
const LOOK_MS = 20_000;
/** Bytes of each partition that are looked at; a single larger record comes all the same. */
const LOOK_BYTES = 65_536;

/**
 * The installation that a topic belongs to, by its oldest records; null for a topic without records of any installation. Leaves nothing
 * behind on the broker, if it may delete its consumer group there.
 * @param client a patient one: a broker whose first group this is answers for seconds that it is still loading
 * @param ranges what its partitions hold
 * @param withinMs longest look, in milliseconds
 * @throws {KafkaUnavailableError} when its records cannot be read
 */
export async function topicInstallation(
  client: Kafka,
  topic: string,
  ranges: readonly PartitionRange[],
  withinMs: number = LOOK_MS,
): Promise<string | null> {
  const filled = ranges.filter(({ low, high }) => high > low).length;
  if (filled === 0) return null;
  const groupId = `gatebook-look-${randomUUID()}`; // of its own: another who looks must not get a share of the partitions
  const consumer = client.consumer({
    groupId,
    maxWaitTimeInMs: 250,
    maxBytesPerPartition: LOOK_BYTES,
    allowAutoTopicCreation: false,
  });
  const found = Promise.withResolvers<string | null>();
  found.promise.catch(() => undefined); // a crash may come before anybody waits
  const looked = new Set<number>();
  const look = async ({ batch: { partition, messages } }: EachBatchPayload) => {
    const signed = messages.map(installationOf).find((installation) => installation !== null);
    looked.add(partition);
    if (signed !== undefined) found.resolve(signed);
    else if (looked.size === filled) found.resolve(null);
  };
  consumer.on(consumer.events.CRASH, ({ payload }) => found.reject(payload.error));
  const reading = async () => {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({ autoCommit: false, eachBatch: look });
  };
  const ended = new AbortController();
  const tooLate = delay(withinMs, undefined, { signal: ended.signal }).then(() => {
    throw new KafkaUnavailableError(`the topic ${topic} cannot be read within ${withinMs / 1_000} seconds.`);
  });
  tooLate.catch(() => undefined); // it ends unheard when the answer came first
  try {
    reading().catch(found.reject);
    return await Promise.race([found.promise, tooLate]);
  } catch (error) {
    throw explained(error);
  } finally {
    ended.abort();
    await consumer.disconnect().catch(() => undefined);
    await withAdmin(client, (admin) => admin.deleteGroups([groupId])).catch(() => undefined); // otherwise it goes by itself
  }
}
