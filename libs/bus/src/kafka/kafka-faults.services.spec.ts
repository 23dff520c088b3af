/**
 * What may go wrong around Kafka, on a real broker: it dies, acknowledgements are lost, two publish at once, a topic is made anew or is
 * another's, records are damaged or missing. Nothing may be lost, doubled in effect or reordered; a loss must be noticed.
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
import { EVERY_PARTITION, PARTITIONS, partitionOf } from '../partitions.js';
import { SealedLogBrokenError } from '../sealed-events.errors.js';
import {
  BEFORE_SEALED,
  type ReadingPlace,
  type SealedEventsReader,
  type SealedStoredEvent,
} from '../sealed-events.port.js';
import { ForeignTopicError } from './kafka.errors.js';
import { kafkaClient } from './kafka-client.js';
import { type KafkaEventsOptions, kafkaEvents } from './kafka-events.js';
import type { KafkaOptions } from './kafka-options.js';
import { type KafkaPublisher, kafkaPublisher } from './kafka-publisher.js';
import { publishedThrough } from './keep-publishing.js';
import type { RecordsByPartition } from './publish-requests.js';
import { republishFrom } from './publishing.queries.js';

const postgres = databasesUnderTest().find(({ name }) => name === 'postgres') as DatabaseUnderTest;
const reason = whyNoKafka({ breaking: true }) ?? postgres.skipped;
if (reason) console.warn(`SKIPPED: faults of Kafka are not tested on a real one: ${reason}.`);
const PATIENCE_MS = 40_000;
const STRANGER = '00000000-0000-5000-8000-00000000beef';

(reason ? describe.skip : describe)('around a real Kafka', () => {
  let kafka: PrivateKafka;
  let test: TestDatabase;
  let log: PublishedLog;
  let options: KafkaOptions;
  beforeAll(async () => {
    kafka = await startPrivateKafka();
  }, 180_000);
  afterAll(() => kafka?.stop(), 60_000);
  beforeEach(async () => {
    test = await postgres.open();
    options = { brokers: kafka.brokers, topic: kafka.topicName() };
    log = await publishedLog(test.database, options);
  }, 60_000);
  afterEach(async () => {
    await log?.end();
    await test?.drop();
  }, 60_000);

  const bus = (more: Partial<KafkaEventsOptions> = {}) =>
    kafkaEvents({ kafka: options, installation: INSTALLATION, ...more });
  const publisher = () => kafkaPublisher({ kafka: options, installation: INSTALLATION });
  const topic = () => options.topic as string;

  /** Reads everything up to a position, from the beginning or from where a reader is. */
  const readThrough = async (position: number, as = reading(BEFORE_SEALED), more: Partial<KafkaEventsOptions> = {}) => {
    await as.readOn(bus(more), () => as.reached() >= position);
    return as.events().map(({ id }) => id);
  };
  const published = (position: number) =>
    eventually(async () => (await publishedThrough(test.database, topic())) >= position);

  describe('when the broker dies while events are published and read', () => {
    it('delivers each of them once all the same', async () => {
      const duplicates: number[] = [];
      const reader = reading(BEFORE_SEALED);
      const following = follow(bus({ onDuplicate: (count) => duplicates.push(count) }), reader);
      log.publish();
      const ids = [...(await log.seal(200))];
      await eventually(async () => reader.events().length > 0);
      await kafka.kill();
      ids.push(...(await log.seal(200)));
      await kafka.restart();
      ids.push(...(await log.seal(200)));
      await eventually(async () => reader.reached() >= 599);
      await following.stop();
      expect(reader.events().map(({ id }) => id)).toEqual(ids);
    }, 90_000);
  });

  describe('when publishing fails', () => {
    it('goes on after a lost acknowledgement; what comes twice is left out and counted', async () => {
      let failures = 2;
      log.publish({
        publisher: changing(publisher(), {
          after: () => {
            if (failures-- > 0) throw new Error('the acknowledgement was lost');
          },
        }),
      });
      const ids = await log.seal(50);
      await published(49);
      let duplicates = 0;
      const read = await readThrough(49, reading(BEFORE_SEALED), { onDuplicate: (count) => (duplicates += count) });
      expect([read, duplicates]).toEqual([ids, 100]);
    }, 60_000);

    it('publishes again from a place, with the sequences that there were', async () => {
      const publishing = log.publish();
      const ids = await log.seal(60);
      await published(59);
      await publishing.stop();
      expect(await republishFrom(test.database, topic(), 30)).toBe(29);
      await expect(republishFrom(test.database, topic(), 31)).rejects.toThrow(RangeError);
      log.publish();
      await published(59);
      let duplicates = 0;
      const reader = reading(BEFORE_SEALED);
      expect(await readThrough(59, reader, { onDuplicate: (count) => (duplicates += count) })).toEqual(ids);
      expect(duplicates).toBe(29);
    }, 60_000);

    it('carries the largest events, and more of them than fit into one request', async () => {
      const text = 'x'.repeat(999_000);
      log.publish();
      const ids = await log.seal(5, ['account-acme+large'], { text });
      const reader = reading(BEFORE_SEALED);
      expect(await readThrough(4, reader)).toEqual(ids);
      expect(reader.events().every(({ data, broken }) => !broken && JSON.stringify(data).length > 999_000)).toBe(true);
    }, 60_000);

    it('stands two that publish at the same time', async () => {
      const both = [log.publish(), log.publish()];
      await Promise.all(both.map(({ ready }) => ready));
      const ids: string[] = [];
      for (let i = 0; i < 10; i += 1) ids.push(...(await log.seal(20)));
      expect(await readThrough(199)).toEqual(ids);
      expect(both.flatMap(({ failures }) => failures.map(String)).join()).toContain('PublishingMovedError');
    }, 60_000);
  });

  describe('readers of one name', () => {
    it('share the partitions, and take over from one that leaves in the middle of its work', async () => {
      const shared = sharedEffect();
      const shares = new Map<string, readonly number[]>();
      const join = (who: string, take = shared.take) =>
        follow(bus({ onRebalance: (partitions) => shares.set(who, partitions) }), { ...shared.reader, take });
      log.publish();
      const streams = Array.from({ length: 30 }, (_, index) => `account-acme+${index}`);
      const ids = [...(await log.seal(120, streams))];
      const first = join('first');
      await eventually(async () => shares.get('first')?.length === PARTITIONS);
      const leaving = join('second', async (batch) => {
        if (batch.events.length && shared.effects().length > 150) throw new Error('out in the middle of a batch');
        return shared.take(batch);
      });
      await eventually(async () => [...shares.values()].every(({ length }) => length === PARTITIONS / 2));
      for (let i = 0; i < 10; i += 1) ids.push(...(await log.seal(30, streams)));
      await expect(leaving.ended).rejects.toThrow('out in the middle');
      await eventually(async () => shares.get('first')?.length === PARTITIONS && shared.effects().length >= ids.length);
      await first.stop();

      expect(
        shared
          .effects()
          .map(({ id }) => id)
          .sort(),
      ).toEqual([...ids].sort());
      for (const stream of streams) {
        const revisions = shared
          .effects()
          .filter((event) => event.stream === stream)
          .map(({ revision }) => revision);
        expect(revisions).toEqual(revisions.map((_, index) => index));
      }
    }, 90_000);
  });

  describe('a loss is noticed', () => {
    it('when a record in the middle is swallowed; publishing again mends it', async () => {
      const publishing = log.publish({
        publisher: changing(publisher(), { before: without(({ index }) => index === 0) }),
      });
      const ids = [...(await log.seal(40))];
      await published(39);
      await publishing.stop();
      log.publish();
      ids.push(...(await log.seal(40)));
      await published(79);
      const reader = reading(BEFORE_SEALED);
      await expect(readThrough(79, reader)).rejects.toThrow(SealedLogBrokenError);

      expect(await republishFrom(test.database, topic())).toBe(80);
      await published(79);
      expect(await readThrough(79, reader)).toEqual(ids);
    }, 60_000);

    it('when the last record of a partition is swallowed: the tick is ahead', async () => {
      const stream = 'account-acme+1';
      log.publish({ publisher: changing(publisher(), { before: without(({ index, of }) => index === of - 1) }) });
      await log.seal(3, [stream]);
      const reader = reading(BEFORE_SEALED);
      await expect(reader.readOn(bus(), () => false)).rejects.toThrow('gatebook republish');
      expect(reader.events().every(({ revision }) => revision < 2)).toBe(true);
    }, 60_000);

    it('not where nothing is missing', async () => {
      log.publish({ publisher: changing(publisher(), { before: without(() => false) }) });
      const ids = await log.seal(40);
      expect(await readThrough(39)).toEqual(ids);
    }, 60_000);

    it('in the body of a record: its place is sure, its content is not', async () => {
      const spoil = (records: RecordsByPartition) =>
        records.map((messages) =>
          messages.map((message) => (message.key ? { ...message, value: '{"text":' } : message)),
        );
      log.publish({ publisher: changing(publisher(), { before: spoil }) });
      const ids = await log.seal(5);
      const reader = reading(BEFORE_SEALED);
      expect(await readThrough(4, reader)).toEqual(ids);
      expect(reader.events().map(({ broken }) => broken)).toEqual(ids.map(() => true));
    }, 60_000);
  });

  describe('a topic', () => {
    it('that was made anew is published again, and readers go on where they were', async () => {
      const publishing = log.publish();
      const reader = reading(BEFORE_SEALED);
      const ids = [...(await log.seal(60))];
      await readThrough(59, reader);
      await publishing.stop();
      await withAdmin((admin) => admin.deleteTopics({ topics: [topic()] }));
      log.publish();
      ids.push(...(await log.seal(60)));
      expect(await readThrough(119, reader)).toEqual(ids);
    }, 60_000);

    it('whose old records are gone serves a reader that has them, and not one that lacks them', async () => {
      log.publish();
      const ids = [...(await log.seal(60))];
      const reader = reading(BEFORE_SEALED);
      await readThrough(59, reader);
      await withAdmin(async (admin) => {
        const partitions = await admin.fetchTopicOffsets(topic());
        await admin.fetchTopicMetadata({ topics: [topic()] });
        await admin.deleteTopicRecords({ topic: topic(), partitions });
      });
      ids.push(...(await log.seal(60)));
      expect(await readThrough(119, reader)).toEqual(ids);
      await expect(readThrough(119)).rejects.toThrow(SealedLogBrokenError);
    }, 60_000);

    it('of another installation is refused, for publishing and for reading', async () => {
      log.publish();
      await log.seal(3);
      await published(2);
      const stranger = kafkaPublisher({ kafka: options, installation: STRANGER });
      await expect(stranger.prepare(false)).rejects.toThrow(ForeignTopicError);
      await expect(reading(BEFORE_SEALED).readOn(bus({ installation: STRANGER }), () => true)).rejects.toThrow(
        ForeignTopicError,
      );
      await expect(publisher().prepare(false)).resolves.toHaveLength(PARTITIONS);
    }, 60_000);

    it('is read over records that nobody signed', async () => {
      log.publish();
      const ids = [...(await log.seal(12))];
      await published(11);
      const producer = kafkaClient(options).producer();
      await producer.connect();
      await producer.send({ topic: topic(), messages: Array.from({ length: 24 }, () => ({ value: 'hello' })) });
      await producer.disconnect();
      ids.push(...(await log.seal(12)));
      const troubles: unknown[] = [];
      const read = await readThrough(23, reading(BEFORE_SEALED), { onTrouble: (error) => troubles.push(error) });
      expect([read, troubles.length]).toEqual([ids, 24]);
    }, 60_000);
  });

  async function withAdmin<T>(
    work: (admin: ReturnType<ReturnType<typeof kafkaClient>['admin']>) => Promise<T>,
  ): Promise<T> {
    const admin = kafkaClient(options).admin();
    await admin.connect();
    return work(admin).finally(() => admin.disconnect());
  }
});

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > until) throw new Error(`It did not happen in ${PATIENCE_MS / 1_000} s.`);
    await delay(20);
  }
}

function follow(bus: ReturnType<typeof kafkaEvents>, reader: SealedEventsReader) {
  const stop = new AbortController();
  const ended = bus.follow(reader, stop.signal);
  ended.catch(() => undefined);
  const end = async () => {
    stop.abort();
    await ended;
  };
  return { ended, stop: end };
}

/** A publisher that changes what is written, or fails after it was. */
function changing(
  publisher: KafkaPublisher,
  {
    before = (records) => records,
    after = () => {},
  }: { before?: (records: RecordsByPartition) => RecordsByPartition; after?: () => void },
): KafkaPublisher {
  const publish: KafkaPublisher['publish'] = async (records) => {
    const offsets = await publisher.publish(before(records));
    if (records.some((messages) => messages.length > 1)) after();
    return offsets;
  };
  return { ...publisher, publish };
}

/** Leaves out events by their place among those of their partition in one batch; the broker says that all is well. */
function without(swallowed: (place: { index: number; of: number }) => boolean) {
  return (records: RecordsByPartition): RecordsByPartition =>
    records.map((messages) => {
      const of = messages.filter(({ key }) => key !== null).length;
      return messages.filter(({ key }, index) => key === null || !swallowed({ index, of }));
    });
}

/** What several readers do together: each event has its effect once, whoever takes it; places are shared, as in a database. */
function sharedEffect() {
  const places = new Map<number, ReadingPlace>();
  const effects: SealedStoredEvent[] = [];
  const place = async (partition: number) => places.get(partition) ?? { position: BEFORE_SEALED, bookmark: null };
  const take: SealedEventsReader['take'] = async ({ partition, events, sealedThrough, bookmark }) => {
    await delay(1);
    const { position } = await place(partition);
    for (const event of events) {
      expect([EVERY_PARTITION, partitionOf(event.stream)]).toContain(partition);
      if (event.position > position) effects.push(event);
    }
    if (sealedThrough > position) places.set(partition, { position: sealedThrough, bookmark });
    return 'go-on';
  };
  return {
    reader: { name: `spec-shared-${Math.trunc(performance.now())}`, place, take },
    take,
    effects: () => effects,
  };
}
