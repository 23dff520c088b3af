/** The look at a topic before a process starts: whose it is, on a real broker, and without leaving a trace there. */
import { createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type DatabaseUnderTest,
  databasesUnderTest,
  type PrivateKafka,
  startPrivateKafka,
  type TestDatabase,
  whyNoKafka,
} from '#libs/testing';
import { INSTALLATION, type PublishedLog, publishedLog } from '../contract/published-log.js';
import { ForeignTopicError, KafkaUnavailableError } from './kafka.errors.js';
import { kafkaClient } from './kafka-client.js';
import type { KafkaOptions } from './kafka-options.js';
import { ensureTopic, topicRanges, withAdmin } from './kafka-topic.js';
import { publishedThrough } from './keep-publishing.js';
import { requireOwnTopic } from './own-topic.js';

const postgres = databasesUnderTest().find(({ name }) => name === 'postgres') as DatabaseUnderTest;
const reason = whyNoKafka() ?? postgres.skipped;
if (reason) console.warn(`SKIPPED: the look at a topic is not tested on a real Kafka: ${reason}.`);
const STRANGER = '00000000-0000-5000-8000-00000000beef';

(reason ? describe.skip : describe)('a topic before a process starts', () => {
  let kafka: PrivateKafka;
  let options: KafkaOptions;
  let test: TestDatabase | undefined;
  let log: PublishedLog | undefined;
  beforeAll(async () => {
    kafka = await startPrivateKafka();
  }, 180_000);
  afterAll(() => kafka?.stop(), 60_000);
  beforeEach(() => {
    options = { brokers: kafka.brokers, topic: kafka.topicName() };
  });
  afterEach(async () => {
    await log?.end();
    await test?.drop();
    [log, test] = [undefined, undefined];
  }, 60_000);

  const topic = () => options.topic as string;
  const lookAs = (installation: string) => requireOwnTopic({ kafka: options, installation });
  const groups = () =>
    withAdmin(kafkaClient(options), async (admin) => (await admin.listGroups()).groups.map(({ groupId }) => groupId));

  it('may be missing, and is not made by looking', async () => {
    await expect(lookAs(INSTALLATION)).resolves.toBeUndefined();
    await expect(topicRanges(kafkaClient(options), topic())).resolves.toBeNull();
  }, 60_000);

  it('may be empty', async () => {
    await ensureTopic(kafkaClient(options), topic());
    await expect(lookAs(INSTALLATION)).resolves.toBeUndefined();
  }, 60_000);

  it('is fit for the installation that published to it, and for no other; the look leaves no group behind', async () => {
    test = await postgres.open();
    log = await publishedLog(test.database, options);
    log.publish();
    await log.seal(3);
    const until = performance.now() + 30_000;
    while ((await publishedThrough(test.database, topic())) < 2) {
      if (performance.now() > until) throw new Error('Nothing was published within 30 s.');
      await delay(20);
    }
    await expect(lookAs(INSTALLATION)).resolves.toBeUndefined();
    await expect(lookAs(STRANGER)).rejects.toThrow(ForeignTopicError);
    expect((await groups()).filter((group) => group.startsWith('gatebook-look'))).toEqual([]);
  }, 90_000);

  it('is not waited for when a broker takes the connection and says nothing', async () => {
    const silent = await silentServer();
    options = { brokers: [`127.0.0.1:${silent.port}`] };
    const began = performance.now();
    await expect(lookAs(INSTALLATION)).rejects.toThrow(KafkaUnavailableError);
    expect(performance.now() - began).toBeLessThan(7_000);
    silent.close();
  }, 60_000);
});

async function silentServer(): Promise<{ readonly port: number; close(): void }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {}).resume();
    sockets.push(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port: (server.address() as { port: number }).port, close };
}
