import { DomainError } from '#libs/kernel';

/** There is nothing to publish to. */
export class NoKafkaError extends DomainError {
  readonly code = 'no-kafka';
  readonly kind = 'conflict';
  constructor() {
    super('This server works without Kafka: its readers tail the sealed log. Set KAFKA_BROKERS to publish to Kafka.');
  }
}

/** The topic does not reach so far. */
export class NotPublishedSoFarError extends DomainError {
  readonly code = 'not-published-so-far';
  readonly kind = 'unprocessable';
  constructor(topic: string, through: number) {
    super(`The topic ${topic} is published up to position ${through}. Name a position from -1 to that.`);
  }
}
