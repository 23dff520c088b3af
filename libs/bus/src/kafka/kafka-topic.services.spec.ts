import { type PrivateKafka, startPrivateKafka, whyNoKafka } from '#libs/testing';
import { PARTITIONS } from '../partitions.js';
import { KafkaUnavailableError, UnsafeTopicError } from './kafka.errors.js';
import { kafkaClient } from './kafka-client.js';
import type { KafkaOptions } from './kafka-options.js';
import { ensureTopic } from './kafka-topic.js';
import { topicInstallation } from './topic-installation.js';

const ada = { username: 'ada', password: 'engine-1843' };
const reason = whyNoKafka({ breaking: true });
if (reason) console.warn(`SKIPPED: topics are not tested on a real Kafka: ${reason}.`);

(reason ? describe.skip : describe)('a topic on a real Kafka', () => {
  let kafka: PrivateKafka;
  let topic: string;
  beforeAll(async () => {
    kafka = await startPrivateKafka({ sasl: ada });
  }, 180_000);
  afterAll(() => kafka?.stop(), 60_000);
  beforeEach(() => {
    topic = kafka.topicName();
  });

  const client = (more: Partial<KafkaOptions> = {}) =>
    kafkaClient({ brokers: kafka.brokers, ...more }, { impatient: true });

  it('is created when it is missing, by one of many who try, and is safe', async () => {
    const ranges = await Promise.all(Array.from({ length: 3 }, () => ensureTopic(client(), topic)));
    expect(ranges).toEqual(ranges.map(() => Array.from({ length: PARTITIONS }, () => ({ low: 0, high: 0 }))));
    await expect(topicInstallation(client(), topic, ranges[0] ?? [])).resolves.toBeNull();
  }, 60_000);

  it('is refused with everything that is wrong with it, and how to mend it', async () => {
    const admin = client().admin();
    await admin.connect();
    const configEntries = Object.entries({
      'cleanup.policy': 'compact',
      'retention.ms': '3600000',
      'retention.bytes': '1000',
    });
    const entries = configEntries.map(([name, value]) => ({ name, value }));
    await admin.createTopics({ topics: [{ topic, numPartitions: 6, configEntries: entries }], waitForLeaders: true });
    await admin.disconnect();
    const refusal = await ensureTopic(client(), topic).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(UnsafeTopicError);
    expect((refusal as UnsafeTopicError).problems).toEqual([
      expect.stringContaining('6 partitions'),
      expect.stringContaining('compacted'),
      expect.stringContaining('7 days'),
      expect.stringContaining('retention.bytes'),
    ]);
  }, 60_000);

  it('is reached with the right password, and with no other', async () => {
    const as = (password: string) =>
      client({ brokers: kafka.saslBrokers, sasl: { mechanism: 'scram-sha-256', username: ada.username, password } });
    await expect(ensureTopic(as(ada.password), topic)).resolves.toHaveLength(PARTITIONS);
    const refusal = await ensureTopic(as('another'), topic).catch((error: Error) => error);
    expect(refusal).toBeInstanceOf(KafkaUnavailableError);
    expect(String(refusal)).toContain('KAFKA_SASL_PASSWORD');
    expect(String(refusal)).not.toContain('another');
  }, 60_000);

  it.each<[string, Partial<KafkaOptions>, RegExp]>([
    ['nobody listens', { brokers: ['127.0.0.1:1'] }, /no broker answers.*KAFKA_BROKERS/],
    ['the port does not speak TLS', { ssl: true }, /KAFKA_SSL/],
  ])(
    'cannot be reached when %s, and says why',
    async (_, more, problem) => {
      await expect(ensureTopic(client(more), topic)).rejects.toThrow(problem);
    },
    60_000,
  );
});
