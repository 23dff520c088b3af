import { setTimeout as delay } from 'node:timers/promises';
import { Test } from '@nestjs/testing';
import { busMigrations, ensureTopic, type KafkaOptions, kafkaClient, kafkaEvents } from '#libs/bus';
import { databaseMigrations, leases, migrate } from '#libs/database';
import { type EventStore, eventStoreMigrations, NO_STREAM, postgresEventStore } from '#libs/event-store';
import { system } from '#libs/kernel';
import { bindInstallation, ledgerMigrations, readSealedRows } from '#libs/ledger';
import { CLOCK, DATABASE, EVENT_STORE, KAFKA, LEASES, systemClock } from '#libs/platform';
import { databasesUnderTest, type PrivateKafka, startPrivateKafka, type TestDatabase, whyNoKafka } from '#libs/testing';
import { RelayModule } from './relay.module.js';
import { RelayProcess } from './relay.process.js';
import { relayLag } from './relay-lag.js';
import { TopicPublishing } from './topic-publishing.js';

const INSTALLATION = '5f0c8a52-9d1e-5f43-8f0a-5f2b9d9f6c11';
const PATIENCE_MS = 40_000;
const postgres = databasesUnderTest().find(({ name }) => name === 'postgres');
const reason = whyNoKafka({ breaking: true }) ?? postgres?.skipped;
if (reason) console.warn(`SKIPPED: the relay is not tested on a real Kafka: ${reason}.`);

(reason ? describe.skip : describe)('the relay, where Kafka is used', () => {
  let kafka: PrivateKafka;
  let test: TestDatabase;
  let store: EventStore;
  let options: KafkaOptions;
  let count = 0;
  beforeAll(async () => {
    kafka = await startPrivateKafka();
    test = await (postgres as { open(): Promise<TestDatabase> }).open();
    await migrate(test.database, [
      ...databaseMigrations,
      ...eventStoreMigrations,
      ...ledgerMigrations,
      ...busMigrations,
    ]);
    await bindInstallation(test.database, INSTALLATION);
    store = postgresEventStore({ database: test.database });
  }, 180_000);
  afterAll(async () => {
    await store?.close();
    await test?.drop();
    await kafka?.stop();
  }, 60_000);
  beforeEach(() => {
    options = { brokers: kafka.brokers, topic: kafka.topicName() };
  });

  const start = async () => {
    const { database } = test;
    const providers = [
      { provide: DATABASE, useValue: database },
      { provide: EVENT_STORE, useValue: store },
      { provide: CLOCK, useValue: systemClock },
      { provide: LEASES, useValue: leases(database) },
      { provide: KAFKA, useValue: options },
    ];
    const engine = { module: class Engine {}, global: true, providers, exports: providers };
    const relay = await Test.createTestingModule({ imports: [RelayModule, engine] }).compile();
    await relay.init();
    return { relay, process: relay.get(RelayProcess), publishing: relay.get(TopicPublishing) };
  };
  const append = async (many: number) => {
    for (let i = 0; i < many; i += 1) {
      const id = `00000000-0000-5000-8000-${String(count++).padStart(12, '0')}`;
      const metadata = { actor: system('spec'), commandId: id, commandDigest: 'd', correlationId: id };
      const recordedAt = new Date().toISOString();
      await store.append(`account-acme+${id}`, NO_STREAM, [
        { id, type: 'ProfileUpdated', schemaVersion: 1, recordedAt, data: null, metadata },
      ]);
    }
  };
  const publishedAll = async ({ publishing }: { publishing: TopicPublishing }) =>
    (await publishing.publishedThrough()) === count - 1;

  it('publishes what it seals; another takes over where it stopped, and a reader gets everything once', async () => {
    await append(5);
    const first = await start();
    await eventually(() => publishedAll(first));
    expect(first.publishing.ready()).toEqual({ ready: true, detail: 'publishing' });
    expect(await relayLag(first.process, await first.publishing.publishedThrough())).toEqual({ events: 0, seconds: 0 });
    const second = await start();
    expect(second.publishing.ready()).toEqual({ ready: true, detail: 'standing by' });
    await first.relay.close();
    await append(5);
    await eventually(() => publishedAll(second));
    expect(await received(count)).toEqual(Array.from({ length: count }, (_, position) => position));
    await second.relay.close();
  }, 90_000);

  it('goes on sealing while Kafka is away, says so, and publishes it all afterwards', async () => {
    const running = await start();
    await eventually(() => publishedAll(running));
    await kafka.kill();
    await append(3);
    await eventually(async () => (await readSealedRows(test.database, -1, 5_000)).length === count);
    expect(await relayLag(running.process, await running.publishing.publishedThrough())).toMatchObject({ events: 3 });
    await eventually(async () => running.publishing.ready().detail?.includes('no broker acknowledges') ?? false);
    await running.relay.close();
    const restarted = await start();
    await eventually(async () => restarted.publishing.ready().detail?.includes('KAFKA_BROKERS') ?? false);
    expect(restarted.publishing.ready().ready).toBe(false);
    await kafka.restart();
    await eventually(() => publishedAll(restarted));
    expect(restarted.publishing.ready().ready).toBe(true);
    await restarted.relay.close();
  }, 90_000);

  it('does not use a topic that would lose events, and says what mends it', async () => {
    const topic = options.topic as string;
    const admin = kafkaClient(options).admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 6 }], waitForLeaders: true });
    await admin.disconnect();
    await expect(ensureTopic(kafkaClient(options), topic)).rejects.toThrow('has 6 partitions and needs 12');
    const running = await start();
    await eventually(async () => running.publishing.ready().detail?.includes('6 partitions') ?? false);
    expect(await running.publishing.publishedThrough()).toBe(-1);
    await running.relay.close();
  }, 60_000);

  async function received(wanted: number): Promise<number[]> {
    const positions: number[] = [];
    const bus = kafkaEvents({ kafka: options, installation: INSTALLATION });
    const place = async () => ({ position: -1, bookmark: null });
    const reader = {
      name: `spec-${options.topic}`,
      place,
      take: async ({ events }: { readonly events: readonly { readonly position: number }[] }) => {
        positions.push(...events.map(({ position }) => position));
        return positions.length >= wanted ? ('stop' as const) : ('go-on' as const);
      },
    };
    await bus.follow(reader, AbortSignal.timeout(PATIENCE_MS));
    return positions.sort((a, b) => a - b);
  }
});

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > until) throw new Error(`It did not happen in ${PATIENCE_MS / 1_000} s.`);
    await delay(20);
  }
}
