export { busMigrations } from './bus.migration.js';
export {
  ForeignTopicError,
  KafkaUnavailableError,
  PublishingMovedError,
  UnsafeTopicError,
} from './kafka/kafka.errors.js';
export { type KafkaLog, kafkaClient } from './kafka/kafka-client.js';
export { type KafkaEventsOptions, kafkaEvents } from './kafka/kafka-events.js';
export { DEFAULT_TOPIC, type KafkaOptions, type KafkaSasl, topicOf } from './kafka/kafka-options.js';
export { type KafkaPublisher, kafkaPublisher } from './kafka/kafka-publisher.js';
export { ensureTopic, type PartitionRange } from './kafka/kafka-topic.js';
export { type KeepPublishing, keepPublishing, publishedThrough } from './kafka/keep-publishing.js';
export { type RequireOwnTopic, requireOwnTopic } from './kafka/own-topic.js';
export type { RecordsByPartition } from './kafka/publish-requests.js';
export { republishFrom } from './kafka/publishing.queries.js';
export { topicInstallation } from './kafka/topic-installation.js';
export { EVERY_PARTITION, PARTITIONS, partitionOf } from './partitions.js';
export { SealedLogBrokenError } from './sealed-events.errors.js';
export {
  BEFORE_SEALED,
  MAX_BATCH_EVENTS,
  type ReadingPlace,
  type SealedBatch,
  type SealedEvents,
  type SealedEventsReader,
  type SealedStoredEvent,
  TICK_MS,
} from './sealed-events.port.js';
export { type SealedLogEventsOptions, sealedLogEvents } from './sealed-log/sealed-log-events.js';
