/** The engine opens whole or not at all, begins every log in the same way, and gives everything back when it closes. */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { Controller, Get, Inject } from '@nestjs/common';
import type { EventStore } from '#libs/event-store';
import { databasesUnderTest, type TestDatabase } from '#libs/testing';
import { openKeyring } from '#libs/vault';
import { Public } from '../auth/access.decorators.js';
import { readEnvironment } from '../environment/environment.js';
import { createHttpApp } from '../http/create-http-app.js';
import { createLog } from '../logging/log.js';
import { EngineModule } from './engine.module.js';
import { type Engine, openEngine } from './open-engine.js';
import { requireSharedDatabase } from './shared-database.js';
import { EVENT_STORE } from './tokens.js';

jest.setTimeout(60_000);

const quiet = createLog({
  level: 'error',
  readable: false,
  destination: new Writable({ write: (_chunk, _encoding, done) => done() }),
});
const clock = { now: () => new Date('2026-03-01T12:00:00.000Z') };

/** An installation that was started once and ended; each test works on a copy, since making one takes seconds. */
let begun: string;
let installation: string;
let folder: string;
let engines: Engine[];
beforeAll(async () => {
  begun = mkdtempSync(join(tmpdir(), 'gatebook-begun-'));
  const environment = readEnvironment({ GATEBOOK_DATA_DIR: begun });
  const engine = await openEngine({ environment, log: quiet, clock });
  installation = engine.installation;
  await engine.close();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatebook-engine-'));
  cpSync(begun, folder, { recursive: true });
  engines = [];
});
afterEach(async () => {
  for (const engine of engines) await engine.close();
  rmSync(folder, { recursive: true, force: true });
});
afterAll(() => rmSync(begun, { recursive: true, force: true }));

const environmentOf = (change: Record<string, string> = {}) =>
  readEnvironment({ GATEBOOK_DATA_DIR: folder, ...change });

async function open(change: Record<string, string> = {}): Promise<Engine> {
  const engine = await openEngine({ environment: environmentOf(change), log: quiet, clock });
  engines.push(engine);
  return engine;
}

describe('the engine on the embedded database', () => {
  it('has begun the log with InstallationCreated, and does so once', async () => {
    const engine = await open();
    const { events } = await engine.store.readLog({ after: -1 });
    expect(events).toEqual([
      expect.objectContaining({
        type: 'InstallationCreated',
        stream: `installation-installation+${installation}`,
        revision: 0,
        recordedAt: '2026-03-01T12:00:00.000Z',
      }),
    ]);
    expect(engine.installation).toBe(installation);
  });

  it('keeps its secrets over a restart', async () => {
    const first = await open();
    await first.close();
    expect((await open()).csrfKey).toEqual(first.csrfKey);
  });

  it('refuses a folder that is in use, and goes on using it', async () => {
    const holder = await open();
    await expect(open()).rejects.toMatchObject({ code: 'data-folder-in-use' });
    expect(await holder.store.head()).toBe(0);
  });

  it('refuses another keyring and leaves nothing open', async () => {
    const other = `file:${join(folder, 'other.json')}`;
    await openKeyring(other);
    await expect(open({ GATEBOOK_KEYRING: other })).rejects.toMatchObject({ code: 'keyring-mismatch' });
    expect(await (await open()).store.head()).toBe(0);
  });

  it('refuses to open without its keyring, and makes none in its place', async () => {
    const keyring = join(folder, 'keyring.json');
    const kept = readFileSync(keyring);
    rmSync(keyring);
    await expect(open()).rejects.toMatchObject({ code: 'keyring-missing' });
    expect(existsSync(keyring)).toBe(false);
    writeFileSync(keyring, kept, { mode: 0o600 });
    expect(await (await open()).store.head()).toBe(0);
  });

  it('refuses a log of other software', async () => {
    const engine = await open();
    await engine.database.query('alter table es.events disable trigger all');
    await engine.database.query(`update es.events set type = 'Foreign'`);
    await engine.close();
    await expect(open()).rejects.toThrow('does not begin with InstallationCreated');
  });

  it('serves an application, is ready once it has caught up, and closes last', async () => {
    @Controller('head')
    @Public()
    class HeadController {
      constructor(@Inject(EVENT_STORE) private readonly store: EventStore) {}
      @Get() async head() {
        return { head: await this.store.head() };
      }
      /** Runs while the application ends; the store must still be there. */
      async onApplicationShutdown() {
        atShutdown = await this.store.head();
      }
    }
    let atShutdown: number | undefined;
    const environment = environmentOf();
    const root = {
      module: class Root {},
      imports: [EngineModule.forRoot(environment, { log: quiet, clock })],
      controllers: [HeadController],
    };
    const app = await createHttpApp(root, environment, { log: quiet });
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    expect(await (await fetch(`${url}/head`)).json()).toEqual({ head: 0 });
    const checks = await readyChecks(url);
    expect(Object.keys(checks).sort()).toEqual([
      'access-epochs',
      'database',
      'event-store',
      'identity-keys',
      'storage',
    ]);
    await app.close();
    expect(atShutdown).toBe(0);
    expect(await (await open()).store.head()).toBe(0); // the folder is free again
  });
});

/** The readiness checks, once all of them are well; bounded by the test's own time. */
async function readyChecks(url: string): Promise<object> {
  for (;;) {
    const response = await fetch(`${url}/health/ready`);
    const { checks } = (await response.json()) as { checks: object };
    if (response.ok) return checks;
  }
}

const postgres = databasesUnderTest().find(({ name }) => name === 'postgres');
(postgres?.skipped ? describe.skip : describe)('the engine on a PostgreSQL of its own', () => {
  let test: TestDatabase;
  beforeEach(async () => {
    test = (await postgres?.open()) as TestDatabase;
  });
  afterEach(async () => {
    while (engines.length > 0) await engines.pop()?.close();
    await test.drop();
  });

  it('begins the log once when several processes start at the same time', async () => {
    const url = { DATABASE_URL: test.url as string };
    await openKeyring(environmentOf().keyring); // made beforehand, since all of them must share it
    const [one, two, three] = await Promise.all([open(url), open(url), open(url)]);
    expect(new Set([one?.installation, two?.installation, three?.installation]).size).toBe(1);
    expect(await one?.store.head()).toBe(0);
  });
});

describe('a server that runs alone', () => {
  it('needs a database that others can reach', () => {
    expect(() => requireSharedDatabase({ databaseUrl: null }, 'gate')).toThrow(
      /DATABASE_URL must name a PostgreSQL to run gate/,
    );
    expect(() => requireSharedDatabase({ databaseUrl: 'postgresql://db/x' }, 'gate')).not.toThrow();
  });
});
