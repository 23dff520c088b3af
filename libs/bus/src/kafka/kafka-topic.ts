import { setTimeout as delay } from 'node:timers/promises';
import kafkajs, { type Admin, type Kafka } from 'kafkajs';
import { PARTITIONS } from '../partitions.js';
import { explained, UnsafeTopicError } from './kafka.errors.js';
import { JUDGED_SETTINGS, safeSettings, type TopicFacts, topicProblems } from './topic-safety.js';

/** Answers of a broker that does not know yet who leads a partition, and how often and how long apart, in milliseconds, it is asked again. */
const NOT_LED_YET = new Set(['NOT_LEADER_FOR_PARTITION', 'LEADER_NOT_AVAILABLE', 'UNKNOWN_TOPIC_OR_PARTITION']);
const ASKED_MAX = 20;
const ASK_AGAIN_MS = 250;

/** What a partition holds: from the oldest offset to the one that its next record will get. */
export interface PartitionRange {
  readonly low: number;
  readonly high: number;
}

/**
 * Creates the topic when it is missing; otherwise makes sure that its settings keep every event and the order of streams.
 * @returns what its partitions hold, index = partition
 * @throws {UnsafeTopicError} when they do not, with every problem and what mends it
 * @throws {KafkaUnavailableError} when the cluster cannot be reached or refuses this client, with the reason
 */
export async function ensureTopic(client: Kafka, topic: string): Promise<readonly PartitionRange[]> {
  return withAdmin(client, async (admin) => {
    const { brokers } = await admin.describeCluster();
    if (!(await admin.listTopics()).includes(topic)) await createTopic(admin, topic, brokers.length);
    const problems = topicProblems(await onceLed(() => factsOf(admin, topic, brokers.length)));
    if (problems.length) throw new UnsafeTopicError(topic, problems);
    return onceLed(() => rangesOf(admin, topic));
  });
}

/**
 * What the partitions of a topic hold, index = partition; null for a topic that does not exist. Creates none.
 * @throws {KafkaUnavailableError} when the cluster cannot be reached or refuses this client, with the reason
 */
export async function topicRanges(client: Kafka, topic: string): Promise<readonly PartitionRange[] | null> {
  return withAdmin(client, async (admin) => {
    if (!(await admin.listTopics()).includes(topic)) return null;
    return onceLed(() => rangesOf(admin, topic));
  });
}

/**
 * Works with the cluster itself, connected for as long as that takes.
 * @throws {KafkaUnavailableError} with the reason, whatever the client says
 */
export async function withAdmin<T>(client: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = client.admin();
  try {
    await admin.connect();
    return await work(admin);
  } catch (error) {
    throw explained(error);
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

/** Another relay may create it at the same moment; that is as good. */
async function createTopic(admin: Admin, topic: string, brokers: number): Promise<void> {
  const { copies, settings } = safeSettings(brokers);
  const configEntries = [...settings].map(([name, value]) => ({ name, value }));
  const wanted = { topic, numPartitions: PARTITIONS, replicationFactor: copies, configEntries };
  await admin.createTopics({ topics: [wanted], waitForLeaders: true });
}

/** A topic that was just made, or whose broker has just come back, has no leaders for a moment. */
async function onceLed<T>(ask: () => Promise<T>): Promise<T> {
  for (let asked = 1; ; asked += 1) {
    try {
      return await ask();
    } catch (error) {
      const { type } = error as { type?: string };
      if (asked === ASKED_MAX || !NOT_LED_YET.has(type ?? '')) throw error;
      await delay(ASK_AGAIN_MS);
    }
  }
}

async function factsOf(admin: Admin, topic: string, brokers: number): Promise<TopicFacts> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  const partitions = topics[0]?.partitions ?? [];
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: [...JUDGED_SETTINGS] }],
  });
  const settings = new Map(resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]));
  const copies = Math.min(...partitions.map(({ replicas }) => replicas.length));
  return { topic, brokers, partitions: partitions.length, copies, settings };
}

async function rangesOf(admin: Admin, topic: string): Promise<readonly PartitionRange[]> {
  const offsets = await admin.fetchTopicOffsets(topic);
  const ranges = new Map(
    offsets.map(({ partition, low, high }) => [partition, { low: Number(low), high: Number(high) }]),
  );
  return Array.from({ length: PARTITIONS }, (_, partition) => ranges.get(partition) ?? { low: 0, high: 0 });
}
