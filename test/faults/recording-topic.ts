import { type KafkaPublisher, PARTITIONS, type RecordsByPartition } from '#libs/bus';
import type { StoredEvent } from '#libs/event-store';

type Message = RecordsByPartition[number][number];

/** How far a reader is in one partition. */
interface End {
  readonly sequence: number;
  readonly position: number;
}

/**
 * STAND-IN for a topic of Kafka and its publisher: keeps in memory what is published, by partition, and says what a reader would find who
 * leaves out what it has seen. What real brokers do is tested with real brokers.
 */
export class RecordingTopic implements KafkaPublisher {
  readonly topic = 'gatebook.recorded';
  readonly #partitions: readonly Message[][] = Array.from({ length: PARTITIONS }, () => []);

  constructor(readonly installation: string) {}

  async prepare(): Promise<{ readonly low: number; readonly high: number }[]> {
    return this.#partitions.map(({ length }) => ({ low: 0, high: length }));
  }

  async publish(records: RecordsByPartition): Promise<readonly number[]> {
    return records.map((messages, partition) => {
      const kept = this.#partitions[partition] as Message[];
      kept.push(...messages);
      return messages.length > 0 ? kept.length - 1 : -1;
    });
  }

  async close(): Promise<void> {}

  /** Records that a reader leaves out because they came before. */
  get duplicates(): number {
    const seen = new Set<string>();
    const ids = this.#partitions.flat().flatMap((message) => header(message, 'ce_id') || []);
    return ids.filter((id) => seen.size === seen.add(id).size).length;
  }

  /** Whatever a reader would miss, get out of order, or get twice with another meaning. */
  anomalies(events: readonly StoredEvent[]): string[] {
    const delivered = new Set<string>();
    const wrong = this.#partitions.flatMap((messages, partition) => partitionAnomalies(messages, partition, delivered));
    const missing = events.filter(({ id }) => !delivered.has(id)).length;
    return missing === 0 ? wrong : [...wrong, `${missing} events are not on the topic`];
  }
}

/** The first time that an event comes, it follows the one before without a gap; whatever comes again came before. */
function partitionAnomalies(messages: readonly Message[], partition: number, delivered: Set<string>): string[] {
  const wrong: string[] = [];
  let end: End = { sequence: -1, position: -1 };
  for (const message of messages) {
    const id = header(message, 'ce_id');
    if (id === '') {
      const tick = JSON.parse(String(message.value)) as End;
      if (tick.sequence > end.sequence) wrong.push(`a tick of partition ${partition} is ahead of its events`);
      continue;
    }
    const next = { sequence: Number(header(message, 'ce_sequence')), position: Number(header(message, 'ce_position')) };
    if (next.sequence > end.sequence + 1) wrong.push(`partition ${partition} lacks events`);
    if (next.sequence <= end.sequence && !delivered.has(id)) wrong.push(`an event of ${partition} comes late`);
    if (next.sequence > end.sequence && delivered.has(id)) wrong.push(`an event of ${partition} comes as another one`);
    if (next.sequence > end.sequence && next.position <= end.position) wrong.push(`${partition} is out of order`);
    if (next.sequence > end.sequence) end = next;
    delivered.add(id);
  }
  return wrong;
}

const header = ({ headers }: Message, name: string): string => String(headers?.[name] ?? '');
