import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { v5 as uuidv5 } from 'uuid';
import type { SealedEvents } from '#libs/bus';
import type { Catalog } from '#libs/catalog';
import { catalogue } from '#libs/contracts';
import type { Database } from '#libs/database';
import type { EventStore } from '#libs/event-store';
import type { Sessions } from '#libs/identity';
import { keepSealing, lastSealedRow } from '#libs/ledger';
import {
  allAuthenticators,
  CATALOG,
  createHttpApp,
  createLog,
  DATABASE,
  EngineModule,
  type Environment,
  EVENT_CODEC,
  EVENT_STORE,
  readEnvironment,
  SEALED_EVENTS,
  SESSIONS,
  WRITE_PATH,
  type WritePath,
} from '#libs/platform';
import { PROJECTIONS, ProjectionRunner, readPosition } from '#libs/read-model';
import type { VaultCodec } from '#libs/vault';
import { GovernanceModule } from './governance.module.js';
import { type AcmeWorld, acmeWorld } from './governance-world.fixture.js';

/** The installation's key of test servers. */
export const ADMIN_KEY = 'a-key-for-tests-of-some-length';

/** When tests begin: a Monday. */
export const TEST_BEGINS = '2026-03-02T08:00:00.000Z';

const NAMESPACE = '0c9b0c62-6c55-4f0b-9a08-2a7f8f6c4b15';
const UNGUARDED = { guard: async () => {} };

/** Longest wait for anything, milliseconds. */
const PATIENCE_MS = 20_000;

/** A clock that stands still until it is moved. */
export interface TestClock {
  now(): Date;
  /** Moves it forward by so many milliseconds. */
  advance(ms: number): void;
  /** Puts it to an instant, ISO-8601. */
  set(instant: string): void;
}

/** A server with the whole of governance on an embedded database of its own, with relay and projector beside it, and a customer `acme`. */
export interface GovernanceServer {
  readonly app: NestExpressApplication;
  readonly url: string;
  readonly clock: TestClock;
  readonly path: WritePath;
  readonly database: Database;
  readonly catalog: Catalog;
  readonly sessions: Sessions;
  readonly commands: CommandBus;
  /** Everything that was logged. */
  readonly logged: readonly string[];
  /** People, roles and policies of acme. */
  readonly acme: AcmeWorld;
  /** With the installation's key, unless the headers say otherwise. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  post(
    path: string,
    body: unknown,
    options?: { readonly key?: string; readonly headers?: Record<string, string> },
  ): Promise<Response>;
  /** Resolves when everything that was appended is sealed, projected and followed, and nothing more has come of it. */
  settle(): Promise<void>;
  /** Polls until the answer is something, at most 20 s. */
  until<T>(ask: () => Promise<T | null | undefined | false>): Promise<T>;
  /** Ends the process in a way and starts it again on the same data; the clock goes on. */
  restart(): Promise<GovernanceServer>;
  close(): Promise<void>;
}

/** Starts one. For specs only. */
export async function startGovernance(
  options: { readonly now?: string; readonly variables?: Readonly<Record<string, string>> } = {},
): Promise<GovernanceServer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'gatebook-governance-'));
  const remove = () => rmSync(dataDir, { recursive: true, force: true });
  const server = await startOn(dataDir, testClock(options.now ?? TEST_BEGINS), options.variables ?? {}, remove);
  await server.acme.register();
  return server;
}

async function startOn(
  dataDir: string,
  clock: TestClock,
  variables: Readonly<Record<string, string>>,
  remove: () => void,
): Promise<GovernanceServer> {
  const logged: string[] = [];
  const log = createLog({ level: 'info', readable: false, destination: linesInto(logged) });
  const environment: Environment = {
    ...readEnvironment({ GATEBOOK_DATA_DIR: dataDir, GATEBOOK_ADMIN_KEY: ADMIN_KEY, ...variables }),
    demo: false,
  };
  const root = {
    module: GovernanceTestServer,
    imports: [EngineModule.forRoot(environment, { log, clock }), GovernanceModule],
  };
  const app = await createHttpApp(root, environment, { log, authenticators: allAuthenticators });
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const pipeline = startPipeline(app, clock);
  const path = app.get<WritePath>(WRITE_PATH, { strict: false });
  const stop = async () => {
    await pipeline.stop();
    await app.close();
  };
  const ask = (target: string, init: RequestInit = {}) =>
    fetch(`${url}${target}`, { ...init, headers: { authorization: `Bearer ${ADMIN_KEY}`, ...init.headers } });
  return {
    app,
    url,
    clock,
    path,
    logged,
    ask,
    database: pipeline.database,
    catalog: app.get<Catalog>(CATALOG, { strict: false }),
    sessions: app.get<Sessions>(SESSIONS, { strict: false }),
    commands: app.get(CommandBus, { strict: false }),
    acme: acmeWorld(app),
    post: (target, body, { key = uuidv5(JSON.stringify([target, body]), NAMESPACE), headers = {} } = {}) =>
      ask(target, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', 'idempotency-key': key, ...headers },
      }),
    settle: () => settled(pipeline),
    until,
    restart: async () => {
      await stop();
      return startOn(dataDir, clock, variables, remove);
    },
    close: async () => {
      await stop();
      remove();
    },
  };
}

@Module({})
class GovernanceTestServer {}

function testClock(begins: string): TestClock {
  let at = Date.parse(begins);
  return {
    now: () => new Date(at),
    advance: (ms) => {
      at += ms;
    },
    set: (instant) => {
      at = Date.parse(instant);
    },
  };
}

const linesInto = (lines: string[]) =>
  new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });

interface Pipeline {
  readonly database: Database;
  readonly store: EventStore;
  stop(): Promise<void>;
}

/** Relay and projector, as they run elsewhere. */
function startPipeline(app: NestExpressApplication, clock: TestClock): Pipeline {
  const database = app.get<Database>(DATABASE, { strict: false });
  const store = app.get<EventStore>(EVENT_STORE, { strict: false });
  const reader = app.get<VaultCodec>(EVENT_CODEC, { strict: false });
  const sealedEvents = app.get<SealedEvents>(SEALED_EVENTS, { strict: false });
  const ended = new AbortController();
  const runner = new ProjectionRunner({ database, store, reader, sealedEvents, catalogue, projections: PROJECTIONS });
  const sealing = (async () => {
    for await (const _sealed of keepSealing({ database, store, clock, lease: UNGUARDED }, ended.signal));
  })();
  const projecting = runner.run(UNGUARDED, ended.signal);
  return {
    database,
    store,
    async stop() {
      ended.abort();
      await Promise.all([sealing.catch(() => undefined), projecting]);
    },
  };
}

async function settled({ database, store }: Pipeline): Promise<void> {
  let head = -2;
  await until(async () => {
    const before = await store.head();
    const sealed = await lastSealedRow(database);
    if ((sealed?.storePosition ?? -1) < before) return false;
    const position = sealed?.position ?? -1;
    if ((await readPosition(database)).position < position || (await followed(database)) < position) return false;
    const stands = before === head && (await store.head()) === before;
    head = before;
    return stands;
  });
}

async function followed(database: Database): Promise<number> {
  const { rows } = await database.query<{ position: number }>('select position from governance.places');
  return rows[0]?.position ?? -1;
}

async function until<T>(ask: () => Promise<T | null | undefined | false>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error('What was waited for has not come about within 20 s.');
    await delay(20);
  }
}
