import { KafkaUnavailableError, type RequireOwnTopic, requireOwnTopic } from '#libs/bus';
import { describeError } from '../logging/describe-error.js';
import type { Log } from '../logging/log.js';

/**
 * Refuses a start on the topic of another installation. A broker that is away keeps nobody from starting: whoever publishes or reads
 * finds a foreign topic then, too, and goes on trying until it is there.
 * @throws {ForeignTopicError}
 */
export async function refuseForeignTopic(topic: Omit<RequireOwnTopic, 'log'>, log: Log): Promise<void> {
  try {
    await requireOwnTopic({ ...topic, log: (level, message) => log[level](message) });
  } catch (error) {
    if (!(error instanceof KafkaUnavailableError)) throw error;
    log.warn({ err: describeError(error) }, 'whose topic it is could not be found out at start; Kafka is tried again');
  }
}
