import { setTimeout as delay } from 'node:timers/promises';
import { ForeignTopicError, KafkaUnavailableError } from './kafka.errors.js';
import { type KafkaLog, kafkaClient } from './kafka-client.js';
import { type KafkaOptions, topicOf } from './kafka-options.js';
import { topicRanges } from './kafka-topic.js';
import { topicInstallation } from './topic-installation.js';

/** Longest wait for the broker's first answer, in milliseconds: a start does not wait for a broker that is away. */
const FIRST_ANSWER_MS = 5_000;

/** Whose topic is to be looked at. */
export interface RequireOwnTopic {
  readonly kafka: KafkaOptions;
  readonly installation: string;
  readonly log?: KafkaLog;
}

/**
 * Looks once at the topic, for the start of a process: one that does not exist, holds no records, or holds this installation's is fine.
 * Changes nothing on the broker. Takes a fraction of a second, and some 3 s on a broker that lets new groups wait; 20 s at most.
 * @throws {ForeignTopicError} when the topic is another installation's
 * @throws {KafkaUnavailableError} when it cannot be found out: no broker answers within 5 s, or the records cannot be read
 */
export async function requireOwnTopic({ kafka, installation, log }: RequireOwnTopic): Promise<void> {
  const topic = topicOf(kafka);
  const ranges = await soon(topicRanges(kafkaClient(kafka, { log, impatient: true }), topic));
  const owner = ranges && (await topicInstallation(kafkaClient(kafka, { log }), topic, ranges));
  if (owner !== null && owner !== installation) throw new ForeignTopicError(topic, owner, installation);
}

async function soon<T>(answer: Promise<T>): Promise<T> {
  answer.catch(() => undefined); // it may fail when nobody waits any more
  const answered = new AbortController();
  const tooLate = delay(FIRST_ANSWER_MS, undefined, { signal: answered.signal }).then(() => {
    throw new KafkaUnavailableError(`no broker has answered within ${FIRST_ANSWER_MS / 1_000} seconds.`);
  });
  return Promise.race([answer, tooLate]).finally(() => {
    tooLate.catch(() => undefined);
    answered.abort();
  });
}
