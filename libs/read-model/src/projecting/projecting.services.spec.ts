import { busMigrations, kafkaEvents, kafkaPublisher, keepPublishing, sealedLogEvents } from '#libs/bus';
import { catalogue } from '#libs/contracts';
import { type Database, migrate } from '#libs/database';
import { type EventStore, type EventToAppend, eventStoreMigrations, postgresEventStore } from '#libs/event-store';
import { lastSealedRow, ledgerMigrations, sealPending } from '#libs/ledger';
import {
  ada,
  assigned,
  bo,
  clearReader,
  historyOf,
  onEveryDatabase,
  type PrivateKafka,
  profileUpdated,
  provisioned,
  signedIn,
  startPrivateKafka,
  type TestDatabase,
  whyNoKafka,
} from '#libs/testing';
import { PROJECTIONS } from '../projections.js';
import { readModelMigrations } from '../read-model.migrations.js';
import { readPosition } from '../read-position.js';
import { ProjectionRunner } from './projection-runner.js';
import { emptyReadModel, eventually, FREE, rowsOf } from './read-model.fixture.js';

/** Projectors that share the log through a real Kafka, come and go, and are thrown back upon the sealed log. */

const INSTALLATION = '5f0c8a52-9d1e-5f43-8f0a-5f2b9d9f6c11';
const PATIENCE_MS = 60_000;
const clock = { now: () => new Date('2026-03-10T00:00:00.000Z') };

const reason = whyNoKafka();
if (reason) console.warn(`SKIPPED: projecting is not tested on a real Kafka: ${reason}.`);

/** Facts of two people, over and over, in streams of one event and of many. */
const history = historyOf(
  provisioned(ada),
  provisioned(bo),
  ...Array.from({ length: 60 }, (_, n) => [
    signedIn(n % 2 ? ada : bo, 'okta', { nth: n }),
    profileUpdated(n % 2 ? ada : bo, { title: `Title ${n}` }),
    assigned(n % 3 ? ada : bo, `role-${n}`, undefined, { nth: n }),
  ]).flat(),
);

(reason ? describe.skip : describe)('on a real Kafka', () => {
  let kafka: PrivateKafka;
  beforeAll(async () => {
    kafka = await startPrivateKafka();
  }, 180_000);
  afterAll(() => kafka?.stop(), 60_000);

  onEveryDatabase((open, kind) => {
    if (kind === 'embedded') return; // several projectors need a database that they can share
    let test: TestDatabase;
    let database: Database;
    let store: EventStore;
    beforeAll(async () => {
      test = await open();
      database = test.database;
      await migrate(database, [...eventStoreMigrations, ...ledgerMigrations, ...busMigrations, ...readModelMigrations]);
      store = postgresEventStore({ database });
    }, 60_000);
    afterAll(async () => {
      await store?.close();
      await test?.drop();
    });

    /** Appends and seals a part of the history. */
    async function record(from: number, to: number): Promise<void> {
      for (const { stream, revision, ...event } of history.slice(from, to))
        await store.append(stream, revision - 1, [event as unknown as EventToAppend]);
      while ((await sealPending({ database, store, lease: FREE, clock })).count > 0);
    }

    /** A projector as a process of its own would be; ends when told. */
    function projector(topic: string) {
      const ended = new AbortController();
      const runner = new ProjectionRunner({
        database,
        store,
        reader: clearReader,
        sealedEvents: kafkaEvents({ kafka: { brokers: kafka.brokers, topic }, installation: INSTALLATION }),
        sealedLog: {
          events: sealedLogEvents({ database, store }),
          head: async () => (await lastSealedRow(database))?.position ?? -1,
          exclusively: (work, signal) => work(FREE, signal),
        },
        catalogue,
        projections: PROJECTIONS,
      });
      const running = runner.run(FREE, ended.signal);
      const end = async () => {
        ended.abort();
        return running;
      };
      return { end };
    }

    it('ends in the rows of one projector on the sealed log, whoever came and went meanwhile', async () => {
      const topic = kafka.topicName();
      const options = { kafka: { brokers: kafka.brokers, topic }, installation: INSTALLATION };
      const ended = new AbortController();
      const source = sealedLogEvents({ database, store });
      const publishing = keepPublishing(
        { source, publisher: kafkaPublisher(options), database, lease: FREE },
        ended.signal,
      );
      const reached = (position: number) =>
        eventually(async () => (await readPosition(database)).position >= position, PATIENCE_MS);

      await record(0, 60);
      const first = projector(topic);
      await reached(59);
      const second = projector(topic);
      await record(60, 120);
      await reached(119);
      expect(await first.end()).toBeNull();
      await record(120, history.length);
      await reached(history.length - 1);
      expect(await second.end()).toBeNull();
      ended.abort();
      await publishing;

      const told = await rowsOf(database);
      await emptyReadModel(database);
      const alone = new ProjectionRunner({
        database,
        store,
        reader: clearReader,
        sealedEvents: source,
        catalogue,
        projections: PROJECTIONS,
      });
      const stop = new AbortController();
      const running = alone.run(FREE, stop.signal);
      await reached(history.length - 1);
      stop.abort();
      await running;
      expect(await rowsOf(database)).toEqual(told);
    }, 180_000);
  });
});
