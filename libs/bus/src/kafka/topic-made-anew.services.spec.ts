/**
 * A topic that is not the one which was published to: made anew under a running relay, taken by another installation, or left over from a
 * database that is gone. On a real broker: nothing is lost, and nobody's events get between another's.
 */
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
import { reading } from '../contract/reading.js';
import { BEFORE_SEALED } from '../sealed-events.port.js';
import { ForeignTopicError, UnsafeTopicError } from './kafka.errors.js';
import { kafkaClient } from './kafka-client.js';
import { kafkaEvents } from './kafka-events.js';
import type { KafkaOptions } from './kafka-options.js';
import { kafkaPublisher } from './kafka-publisher.js';
import { ensureTopic } from './kafka-topic.js';
import { publishedThrough } from './keep-publishing.js';

const postgres = databasesUnderTest().find(({ name }) => name === 'postgres') as DatabaseUnderTest;
const reason = whyNoKafka() ?? postgres.skipped;
if (reason) console.warn(`SKIPPED: topics that were made anew are not tested on a real Kafka: ${reason}.`);
const PATIENCE_MS = 40_000;
const STRANGER = '00000000-0000-5000-8000-00000000beef';

interface Published {
  readonly log: PublishedLog;
  readonly test: TestDatabase;
}

(reason ? describe.skip : describe)('a topic that is another one now', () => {
  const opened: Published[] = [];
  let kafka: PrivateKafka;
  let options: KafkaOptions;
  beforeAll(async () => {
    kafka = await startPrivateKafka();
  }, 180_000);
  afterAll(() => kafka?.stop(), 60_000);
  beforeEach(() => {
    options = { brokers: kafka.brokers, topic: kafka.topicName() };
  });
  afterEach(async () => {
    for (const { log, test } of opened.splice(0)) {
      await log.end();
      await test.drop();
    }
  }, 60_000);

  const topic = () => options.topic as string;
  const newLog = async (): Promise<Published> => {
    const test = await postgres.open();
    const made = { test, log: await publishedLog(test.database, options) };
    opened.push(made);
    return made;
  };
  const through = (of: Published, position: number) =>
    eventually(async () => (await publishedThrough(of.test.database, topic())) >= position);
  const deleteTopic = async () => {
    const admin = kafkaClient(options).admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [topic()] }).finally(() => admin.disconnect());
  };

  it('is noticed by a relay that is running, and everything is published again', async () => {
    const one = await newLog();
    const publishing = one.log.publish();
    const ids = [...(await one.log.seal(60))];
    await through(one, 59);
    await deleteTopic();
    await eventually(() =>
      ensureTopic(kafkaClient(options), topic()).then(
        () => true,
        () => false,
      ),
    );
    ids.push(...(await one.log.seal(60)));
    await eventually(async () => publishing.failures.length > 0);
    await through(one, 119);
    const reader = reading(BEFORE_SEALED);
    await reader.readOn(kafkaEvents({ kafka: options, installation: INSTALLATION }), () => reader.reached() >= 119);
    expect(reader.events().map(({ id }) => id)).toEqual(ids);
  }, 90_000);

  it('is not published to when another installation has made it', async () => {
    const [one, other] = [await newLog(), await newLog()];
    const before = one.log.publish();
    await one.log.seal(30);
    await through(one, 29);
    await before.stop();
    await deleteTopic();
    await other.log.seal(1);
    other.log.publish({ publisher: kafkaPublisher({ kafka: options, installation: STRANGER }) });
    await through(other, 0);
    const after = one.log.publish();
    await one.log.seal(5);
    await eventually(async () => after.failures.some((error) => error instanceof ForeignTopicError));
    expect(await publishedThrough(one.test.database, topic())).toBe(29);
  }, 90_000);

  it('is not published to by a database that has never done so while it holds records: they may tell of another log', async () => {
    const former = await newLog();
    const publishing = former.log.publish();
    await former.log.seal(30);
    await through(former, 29);
    await publishing.stop();
    const present = await newLog();
    const refused = present.log.publish();
    const ids = await present.log.seal(40, ['account-acme+present']);
    await eventually(async () => refused.failures.some((error) => error instanceof UnsafeTopicError));
    expect(await publishedThrough(present.test.database, topic())).toBe(BEFORE_SEALED);
    await deleteTopic(); // as the error says
    await through(present, 39);
    const reader = reading(BEFORE_SEALED);
    await reader.readOn(kafkaEvents({ kafka: options, installation: INSTALLATION }), () => reader.reached() >= 39);
    expect(reader.events().map(({ id }) => id)).toEqual(ids);
  }, 90_000);

  it('is published to on and on by a relay that died before it saved anything', async () => {
    const one = await newLog();
    const ids = await one.log.seal(5);
    const dying = one.log.publish({ lease: { guard: diesAfter(1) } });
    await eventually(async () => dying.failures.length > 0);
    await dying.stop();
    expect(await publishedThrough(one.test.database, topic())).toBe(BEFORE_SEALED);
    one.log.publish();
    await through(one, 4);
    const reader = reading(BEFORE_SEALED);
    await reader.readOn(kafkaEvents({ kafka: options, installation: INSTALLATION }), () => reader.reached() >= 4);
    expect(reader.events().map(({ id }) => id)).toEqual(ids);
  }, 90_000);
});

/** Lets so many transactions pass, and then none. */
function diesAfter(transactions: number): () => Promise<void> {
  let left = transactions;
  return async () => {
    left -= 1;
    if (left < 0) throw new Error('The process is gone.');
  };
}

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > until) throw new Error(`It did not happen in ${PATIENCE_MS / 1_000} s.`);
    await delay(20);
  }
}
