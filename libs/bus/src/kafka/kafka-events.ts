import { setTimeout as delay } from 'node:timers/promises';
import { DomainError } from '#libs/kernel';
import type { SealedEvents, SealedEventsReader } from '../sealed-events.port.js';
import { GroupReading, type ReadingOptions } from './group-reading.js';
import { explained } from './kafka.errors.js';
import { type KafkaLog, kafkaClient } from './kafka-client.js';
import { type KafkaOptions, topicOf } from './kafka-options.js';

/** What receiving the sealed log through Kafka needs. */
export interface KafkaEventsOptions extends ReadingOptions {
  readonly kafka: KafkaOptions;
  readonly log?: KafkaLog;
}

/** Waits before a consumer is built again, in milliseconds: doubled from one to the other while it keeps failing. */
const REBUILD_MS = { first: 250, most: 8_000 };

/**
 * Receives the sealed log through Kafka, by partition. Readers of one name share the partitions and take over from each other. Where a
 * reader stands is for the reader to say; offsets committed to Kafka are a hint for tools. Consumers that crash or fall silent are
 * built anew, for ever.
 */
export function kafkaEvents(options: KafkaEventsOptions): SealedEvents {
  return { shared: true, follow: (reader, signal) => follow(options, reader, signal) };
}

async function follow(options: KafkaEventsOptions, reader: SealedEventsReader, signal: AbortSignal): Promise<void> {
  const client = kafkaClient(options.kafka, { log: options.log });
  const topic = topicOf(options.kafka);
  let wait = REBUILD_MS.first;
  while (!signal.aborted) {
    const reading = new GroupReading({ ...options, client, topic, reader, signal });
    const end = await reading.ended();
    if (end.kind === 'done') return;
    if (end.kind === 'refused' || end.error instanceof DomainError) throw end.error;
    options.onTrouble?.(explained(end.error));
    wait = reading.hasRead ? REBUILD_MS.first : Math.min(wait * 2, REBUILD_MS.most);
    await delay(wait, undefined, { signal }).catch(() => undefined);
  }
}
