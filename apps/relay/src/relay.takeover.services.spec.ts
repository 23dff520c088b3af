/** Relays as processes of their own, on a real Kafka: one takes over from another that was killed, and none touches another's topic. */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { kafkaClient, publishedThrough } from '#libs/bus';
import { type EventStore, NO_STREAM, postgresEventStore } from '#libs/event-store';
import { system } from '#libs/kernel';
import { lastSealedRow } from '#libs/ledger';
import {
  type ChildScript,
  databasesUnderTest,
  type PrivateKafka,
  startPrivateKafka,
  startScript,
  type TestDatabase,
  whyNoKafka,
} from '#libs/testing';

/** A killed relay's work goes on within this time, in milliseconds. */
const TAKEOVER_MS = 10_000;
const PATIENCE_MS = 60_000;
const postgres = databasesUnderTest().find(({ name }) => name === 'postgres');
const reason = whyNoKafka() ?? postgres?.skipped;
if (reason) console.warn(`SKIPPED: relays as processes are not tested on a real Kafka: ${reason}.`);

/** A database with the processes on it. */
interface Installation {
  readonly test: TestDatabase;
  readonly store: EventStore;
  /** Starts an app as built; resolves once it listens. @throws with what it said, when it ends before */
  start(app: 'relay' | 'projector', topic: string): Promise<ChildScript>;
  append(): Promise<void>;
  end(): Promise<void>;
}

(reason ? describe.skip : describe)('relays as processes', () => {
  let kafka: PrivateKafka;
  let topic: string;
  const installations: Installation[] = [];
  beforeAll(async () => {
    kafka = await startPrivateKafka();
  }, 180_000);
  afterAll(() => kafka?.stop(), 60_000);
  beforeEach(() => {
    topic = kafka.topicName();
  });
  afterEach(async () => {
    for (const installation of installations.splice(0)) await installation.end();
  }, 60_000);

  const newInstallation = async (brokers = kafka.brokers) => {
    const made = await installationOn(brokers);
    installations.push(made);
    return made;
  };

  it('seal and publish again within ten seconds when the one that did is killed', async () => {
    const { test, start, append } = await newInstallation();
    const published = async (position: number) => (await publishedThrough(test.database, topic)) >= position;
    const first = await start('relay', topic);
    await eventually(() => published(0));
    await start('relay', topic);
    await eventually(() => justRenewed(test)); // the longest wait for who comes after
    expect(await holder(test)).toBe(first.pid);

    const killed = performance.now();
    await first.kill();
    await append();
    await eventually(async () => ((await lastSealedRow(test.database))?.position ?? -1) >= 1);
    const sealedMs = performance.now() - killed;
    await eventually(() => published(1));
    const publishedMs = performance.now() - killed;
    expect(sealedMs).toBeLessThan(TAKEOVER_MS);
    expect(publishedMs).toBeLessThan(TAKEOVER_MS);
  }, 120_000);

  it('do not start on the topic of another installation, nor do projectors; on one of their own they do', async () => {
    const [one, other] = [await newInstallation(), await newInstallation()];
    await one.start('relay', topic);
    await eventually(async () => (await publishedThrough(one.test.database, topic)) >= 0);
    const refusal = /ended \(code 1\).*belongs to another installation.*Give each installation a topic of its own/;
    await expect(other.start('relay', topic)).rejects.toThrow(refusal);
    await expect(other.start('projector', topic)).rejects.toThrow(refusal);
    expect(await publishedThrough(other.test.database, topic)).toBe(-1);
    expect(await groupsThatLook()).toEqual([]);

    await one.start('projector', topic);
    const ownTopic = kafka.topicName();
    await other.start('relay', ownTopic);
    await eventually(async () => (await publishedThrough(other.test.database, ownTopic)) >= 0);
  }, 180_000);

  it('start all the same while no broker answers', async () => {
    const { test, start } = await newInstallation(['127.0.0.1:1']);
    await start('relay', topic);
    await eventually(async () => (await lastSealedRow(test.database)) !== null);
  }, 120_000);

  async function groupsThatLook(): Promise<string[]> {
    const admin = kafkaClient({ brokers: kafka.brokers }).admin();
    await admin.connect();
    const { groups } = await admin.listGroups().finally(() => admin.disconnect());
    return groups.map(({ groupId }) => groupId).filter((group) => group.startsWith('gatebook-look'));
  }
});

async function installationOn(brokers: readonly string[]): Promise<Installation> {
  const test = await (postgres as { open(): Promise<TestDatabase> }).open();
  const store = postgresEventStore({ database: test.database });
  const running: ChildScript[] = [];
  const start: Installation['start'] = async (app, topic) => {
    const main = pathToFileURL(resolve(__dirname, `../../../dist/apps/${app}/src/main.js`)).href;
    const env = {
      DATABASE_URL: test.url as string,
      KAFKA_BROKERS: brokers.join(','),
      KAFKA_TOPIC: topic,
      GATEBOOK_KEYRING: `file:${join(test.dataDir, 'keyring.json')}`,
      GATEBOOK_DATA_DIR: test.dataDir,
      PORT: String(await freePort()),
      LOG_LEVEL: 'info',
    };
    const script = startScript(`await import(${JSON.stringify(main)});`, { env });
    running.push(script);
    await script.until((line) => line.includes('"listening"'));
    return script;
  };
  return {
    test,
    store,
    start,
    append: () => append(store),
    end: async () => {
      await Promise.all(running.map((script) => script.kill()));
      await store.close();
      await test.drop();
    },
  };
}

async function append(store: EventStore): Promise<void> {
  const id = randomUUID();
  const metadata = { actor: system('spec'), commandId: id, commandDigest: 'd', correlationId: id };
  const recordedAt = new Date().toISOString();
  const event = { id, type: 'ProfileUpdated', schemaVersion: 1, recordedAt, data: null, metadata };
  await store.append(`account-acme+${id}`, NO_STREAM, [event]);
}

/** Process that plays the relay's role. */
async function holder({ database }: TestDatabase): Promise<number> {
  const { rows } = await database.query<{ holder: string }>(
    `select holder from database.leases where role = 'relay' and expires_at > clock_timestamp()`,
  );
  return Number(rows[0]?.holder.split('/')[0]);
}

async function justRenewed({ database }: TestDatabase): Promise<boolean> {
  const expiry = async () =>
    (await database.query<{ at: string }>(`select expires_at::text as at from database.leases where role = 'relay'`))
      .rows[0]?.at;
  const before = await expiry();
  await delay(50);
  return (await expiry()) !== before;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  return port;
}

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > until) throw new Error(`It did not happen in ${PATIENCE_MS / 1_000} s.`);
    await delay(10);
  }
}
