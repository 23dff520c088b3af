import { randomUUID } from 'node:crypto';
import { Kafka, type KafkaMessage, logLevel } from 'kafkajs';
import type { TopicRecord } from './evidence.js';

const TOPIC = 'gatebook.events.v1';
/** Longest time for reading the whole topic, milliseconds. */
const WITHIN_MS = 60_000;

/** Reads everything on the topic up to its present end, with a plain consumer that knows nothing of Gatebook. */
export async function readTopic(brokers: readonly string[]): Promise<readonly TopicRecord[]> {
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING, retry: { retries: 20 } });
  const left = await endsOf(kafka);
  const consumer = kafka.consumer({ groupId: `reader-${randomUUID()}`, maxWaitTimeInMs: 200 });
  const records: TopicRecord[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
  try {
    await new Promise<void>((done, fail) => {
      if (left.size === 0) return done();
      const late = setTimeout(() => fail(new Error('The topic could not be read to its end in time.')), WITHIN_MS);
      const eachMessage = async ({ partition, message }: { partition: number; message: KafkaMessage }) => {
        const end = left.get(partition);
        if (end === undefined) return;
        records.push(recordOf(partition, message));
        if (Number(message.offset) + 1 >= end) left.delete(partition);
        if (left.size === 0) {
          clearTimeout(late);
          done();
        }
      };
      consumer.run({ eachMessage }).catch(fail);
    });
  } finally {
    await consumer.disconnect();
  }
  return records.sort((a, b) => a.partition - b.partition); // stable: offsets keep their order
}

/** The end of each partition that holds something. */
async function endsOf(kafka: Kafka): Promise<Map<number, number>> {
  const admin = kafka.admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets(TOPIC);
  await admin.disconnect();
  return new Map(offsets.filter(({ high, low }) => high !== low).map((of) => [of.partition, Number(of.high)]));
}

function recordOf(partition: number, { headers, value }: KafkaMessage): TopicRecord {
  const header = (name: string) => headers?.[name]?.toString() ?? '';
  if (headers?.['gatebook-tick']) {
    const { sequence, position } = JSON.parse(value?.toString() ?? '{}') as TopicRecord;
    return { partition, id: null, sequence, position };
  }
  return {
    partition,
    id: header('ce_id'),
    sequence: Number(header('ce_sequence')),
    position: Number(header('ce_position')),
  };
}
