import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { ApplyConfiguration, noReferences, readConfiguration, StandingGrants } from '#libs/configuration';
import type { Lease } from '#libs/database';
import { deriveId, type EventStore, postgresEventStore } from '#libs/event-store';
import { type Clock, INSTALLATION_TENANT, system } from '#libs/kernel';
import { createLog, type Engine, openEngine, readEnvironment } from '#libs/platform';
import { createIdentityProviderKey } from '#libs/saml-idp';
import { databasesUnderTest, startKurrentDbStandIn, type TestDatabase } from '#libs/testing';
import { configurationOf } from '../support/test-idp.js';
import { RecordingTopic } from './recording-topic.js';

/** Id of the command that configures the customers (a random uuid). */
const CONFIGURING = '2f1a4e0e-8a57-4d0e-9c53-0d0c5f1c7a90';

const BEGINS = Date.parse('2026-03-02T08:00:00.000Z');

/** A clock that moves only when it is told to. */
export class SteppingClock implements Clock {
  #ms = BEGINS;

  now(): Date {
    return new Date(this.#ms);
  }

  /** A second later. */
  tick(): void {
    this.#ms += 1_000;
  }
}

/** An installation with two customers, `acme` and `globex`, in which nothing fails by itself. */
export interface World {
  readonly engine: Engine;
  readonly clock: SteppingClock;
  /** What the relay publishes to. */
  readonly topic: RecordingTopic;
  /** The role of the one process that seals, publishes and projects. */
  readonly lease: Lease;
  /** A store over another way to the same events. */
  readonly storeOver: (database: Engine['database']) => EventStore;
  close(): Promise<void>;
}

const quiet = createLog({
  level: 'error',
  readable: false,
  destination: new Writable({ write: (_chunk, _encoding, done) => done() }),
});

/** Opens one on a real PostgreSQL, or on the embedded one where this machine lacks it. */
export const openWorld = (): Promise<World> => openBeside(null);

/** Opens one whose events are kept beside the database, in a KurrentDB: in its stand-in, whose positions are sparse. */
export async function openWorldOnKurrentDb(): Promise<World> {
  const standIn = await startKurrentDbStandIn();
  const world = await openBeside(standIn.url);
  return {
    ...world,
    close: async () => {
      await world.close();
      await standIn.stop();
    },
  };
}

async function openBeside(eventStoreUrl: string | null): Promise<World> {
  const postgres = databasesUnderTest().find(({ name, skipped }) => name === 'postgres' && !skipped);
  const test = await postgres?.open();
  const dataDir = test?.dataDir ?? mkdtempSync(join(tmpdir(), 'gatebook-faults-'));
  const clock = new SteppingClock();
  const environment = readEnvironment({
    GATEBOOK_DATA_DIR: dataDir,
    ...(test?.url ? { DATABASE_URL: test.url } : {}),
    ...(eventStoreUrl ? { EVENT_STORE_URL: eventStoreUrl } : {}),
  });
  const engine = await openEngine({ environment, log: quiet, clock });
  await configure(engine);
  const lease = await engine.leases.acquire('everything');
  if (!lease) throw new Error('Somebody else is at work in this database.');
  return {
    engine,
    clock,
    lease,
    topic: new RecordingTopic(engine.installation),
    storeOver: (database) => (eventStoreUrl ? engine.store : postgresEventStore({ database })),
    close: () => closeAll(engine, test, dataDir),
  };
}

async function closeAll(engine: Engine, test: TestDatabase | undefined, dataDir: string): Promise<void> {
  await engine.close();
  await test?.drop();
  rmSync(dataDir, { recursive: true, force: true });
}

/** Two customers, each with a connection, as every end-to-end test has them. */
async function configure({
  catalog,
  writePath,
  keyring,
  database,
  store,
  codec,
  clock,
  secretValues: secrets,
}: Engine): Promise<void> {
  const { certificatePem } = await createIdentityProviderKey({ commonName: 'test', now: clock.now() });
  const standing = new StandingGrants({ database, store, codec });
  const publicUrl = 'https://gatebook.example';
  const configurations = new ApplyConfiguration({ catalog, path: writePath, keyring, standing, secrets, publicUrl });
  await configurations.apply({
    configuration: readConfiguration(configurationOf(certificatePem), noReferences),
    prune: false,
    reason: 'two customers',
    metadata: {
      tenant: INSTALLATION_TENANT,
      actor: system('test'),
      commandId: CONFIGURING,
      commandDigest: '0'.repeat(64),
      correlationId: CONFIGURING,
      now: clock.now().toISOString(),
      deriveId: (name) => deriveId(CONFIGURING, name),
    },
  });
}
