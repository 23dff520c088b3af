import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Database, Leases } from '#libs/database';
import type { EventCodec, EventStore } from '#libs/event-store';
import { sealPending } from '#libs/ledger';
import {
  createHttpApp,
  createLog,
  DATABASE,
  EngineModule,
  EVENT_CODEC,
  EVENT_STORE,
  LEASES,
  openEngine,
  Readiness,
  readEnvironment,
} from '#libs/platform';
import { findAccess, readPosition } from '#libs/read-model';
import { ada, assigned, historyOf, provisioned, writeHistory } from '#libs/testing';
import { PROJECTOR_ROLE } from './projecting.js';
import { ProjectorModule } from './projector.module.js';
import { ProjectorApartModule } from './projector-apart.module.js';

/** The projector inside a server, on a real engine: it follows the sealed log, says when it is ready, and gives its role back. */

jest.setTimeout(60_000);

@Module({})
class ProjectorServer {}

const log = createLog({
  level: 'fatal',
  readable: false,
  destination: new Writable({ write: (_line, _encoding, done) => done() }),
});
const clock = { now: () => new Date('2026-03-10T00:00:00.000Z') };
const history = historyOf(provisioned(ada), assigned(ada, 'crm.reader'));

let folder: string;
let app: NestExpressApplication | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatebook-projector-'));
});
afterEach(async () => {
  await app?.close();
  app = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<NestExpressApplication> {
  const environment = readEnvironment({ GATEBOOK_DATA_DIR: folder });
  const imports = [EngineModule.forRoot(environment, { log, clock, decides: false }), ProjectorModule];
  app = await createHttpApp({ module: ProjectorServer, imports }, environment, { log });
  await app.init();
  return app;
}

const sealAll = (server: NestExpressApplication) =>
  sealPending({
    database: server.get<Database>(DATABASE),
    store: server.get<EventStore>(EVENT_STORE),
    clock,
    lease: { guard: async () => {} },
  });

const write = (server: NestExpressApplication) =>
  writeHistory({ store: server.get<EventStore>(EVENT_STORE), codec: server.get<EventCodec>(EVENT_CODEC) }, history);

async function readModelCheck(server: NestExpressApplication) {
  return (await server.get(Readiness).report()).checks['read-model'];
}

/** Looks again until the condition holds, at most for thirty seconds. */
async function eventually(condition: () => Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + 30_000; !(await condition()); await delay(10))
    if (performance.now() > deadline) throw new Error('It did not happen within thirty seconds.');
}

describe('the projector', () => {
  it('takes in what is sealed, while it runs', async () => {
    const server = await start();
    const database = server.get<Database>(DATABASE);
    await write(server);
    await sealAll(server);
    await eventually(async () => (await readPosition(database)).position === 2);
    const { items } = await findAccess(database, {
      tenant: 'acme',
      asOf: clock.now().toISOString(),
      knownAt: 2,
      limit: 9,
    });
    expect(items.map(({ role, user_name }) => [role, user_name])).toEqual([['crm.reader', 'ada@acme.example']]);
  });

  it('is ready once it has reached the head that the store had at start', async () => {
    const server = await start();
    expect(await readModelCheck(server)).toMatchObject({ ready: false }); // InstallationCreated is not sealed yet
    await sealAll(server);
    await eventually(async () => (await readModelCheck(server))?.ready === true);
    expect(await readModelCheck(server)).toEqual({ ready: true, detail: 'position 0, parked streams 0' });
  });

  it('is not ready before an event that it does not understand, and gives its role back', async () => {
    const environment = readEnvironment({ GATEBOOK_DATA_DIR: folder });
    const before = await openEngine({ environment, log, clock });
    const [encoded] = await before.codec.encode([history[0] as never]);
    await before.store.append(history[0]?.stream ?? '', -1, [
      { ...(encoded as never as object), type: 'AccountFrozen' } as never,
    ]);
    await before.close();

    const server = await start();
    await sealAll(server);
    await eventually(async () => (await readModelCheck(server))?.detail?.includes('AccountFrozen') ?? false);
    expect(await readModelCheck(server)).toEqual({
      ready: false,
      detail:
        'an unknown type of event stands at position 1 (AccountFrozen); run the version of Gatebook that recorded it',
    });
    expect(await readPosition(server.get<Database>(DATABASE))).toEqual({ position: 0, storePosition: 0 });
    const leases = server.get<Leases>(LEASES);
    await eventually(async () => (await leases.acquire(PROJECTOR_ROLE)) !== null);
  });

  it('says, apart from the relay, that Kafka brings nothing', async () => {
    const environment = readEnvironment({ GATEBOOK_DATA_DIR: folder, KAFKA_BROKERS: '127.0.0.1:9' });
    const imports = [EngineModule.forRoot(environment, { log, clock, decides: false }), ProjectorApartModule];
    app = await createHttpApp({ module: ProjectorServer, imports }, environment, { log });
    await app.init();
    const { checks } = await app.get(Readiness).report();
    expect(checks['kafka']).toEqual({ ready: false, detail: 'does not answer' });
  });

  it('ends with its server and leaves the role free', async () => {
    const server = await start();
    const leases = server.get<Leases>(LEASES);
    await eventually(async () => (await leases.acquire(PROJECTOR_ROLE)) === null);
    await server.close();
    app = undefined;
    const again = await start();
    await sealAll(again);
    await eventually(async () => (await readModelCheck(again))?.ready === true);
  });
});
