import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { Module } from '@nestjs/common';
import type { SealedEvents } from '#libs/bus';
import { catalogue, SCOPES, type Scope } from '#libs/contracts';
import type { Database } from '#libs/database';
import type { EventStore } from '#libs/event-store';
import { sealPending } from '#libs/ledger';
import {
  type Authenticator,
  type Caller,
  type Clock,
  createHttpApp,
  createLog,
  DATABASE,
  EngineModule,
  EVENT_CODEC,
  EVENT_STORE,
  InvalidKeyError,
  readEnvironment,
  SEALED_EVENTS,
  SECRET_VALUES,
  setUpOpenApi,
} from '#libs/platform';
import { PROJECTIONS, ProjectionRunner, readPosition } from '#libs/read-model';
import type { SecretValues, VaultCodec } from '#libs/vault';
import { AuditModule } from './audit.module.js';

@Module({})
class AuditServer {}

const UNGUARDED = { guard: async () => {} };

/** Keys of the tests: who they belong to and what they may do. */
const KEYS: Readonly<Record<string, { tenant: string | null; scopes: readonly Scope[] }>> = {
  installation: { tenant: null, scopes: SCOPES },
  acme: { tenant: 'acme', scopes: ['audit:read', 'personal:read'] },
  'acme-blind': { tenant: 'acme', scopes: ['audit:read'] },
  'acme-auditor': { tenant: 'acme', scopes: ['audit:read', 'personal:read', 'reports:write'] },
  'acme-reports': { tenant: 'acme', scopes: ['reports:write'] },
  'acme-writer': { tenant: 'acme', scopes: ['accounts:write'] },
  globex: { tenant: 'globex', scopes: ['audit:read', 'personal:read'] },
  'globex-auditor': { tenant: 'globex', scopes: ['audit:read', 'personal:read', 'reports:write'] },
};

const authenticator: Authenticator = {
  async authenticate({ headers }): Promise<Caller | null> {
    const name = headers.authorization?.replace('Bearer ', '');
    if (name === undefined) return null;
    const key = KEYS[name];
    if (!key) throw new InvalidKeyError();
    return { actor: { kind: 'key', id: name }, tenant: key.tenant, scopes: new Set(key.scopes), via: 'key' };
  },
};

/** An audit server on a free port of loopback with an engine of its own. */
export interface AuditServerUnderTest {
  /** Where it answers, without a trailing slash. */
  readonly url: string;
  readonly store: EventStore;
  readonly codec: VaultCodec;
  readonly database: Database;
  readonly secrets: SecretValues;
  /** Seals everything that was appended, and takes it into the read model. */
  catchUp(): Promise<void>;
  get(path: string, key?: string): Promise<{ status: number; body: never }>;
  close(): Promise<void>;
}

/** What a test sets beside the time. */
export interface AuditServerOptions {
  /** Instead of a clock that stands still. */
  readonly clock?: Clock;
  readonly environment?: Readonly<Record<string, string>>;
  /** Takes the place of the server's own data folder, and outlives it. */
  readonly folder?: string;
}

/** Starts one. For specs only. */
export async function startAuditServer(now: string, options: AuditServerOptions = {}): Promise<AuditServerUnderTest> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'gatebook-audit-'));
  const log = createLog({
    level: 'error',
    readable: false,
    destination: new Writable({ write: (_line, _encoding, done) => done() }),
  });
  const clock = options.clock ?? { now: () => new Date(now) };
  const environment = readEnvironment({ ...options.environment, GATEBOOK_DATA_DIR: folder });
  const root = {
    module: AuditServer,
    imports: [EngineModule.forRoot(environment, { log, clock, decides: false }), AuditModule],
  };
  const app = await createHttpApp(root, environment, {
    log,
    authenticators: { inject: [], useFactory: () => [authenticator] },
  });
  setUpOpenApi(app, { title: 'Audit', version: 'test' });
  await app.listen(0, '127.0.0.1');
  const url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
  const database = app.get<Database>(DATABASE);
  const store = app.get<EventStore>(EVENT_STORE);
  const codec = app.get<VaultCodec>(EVENT_CODEC);
  return {
    url,
    store,
    codec,
    database,
    secrets: app.get<SecretValues>(SECRET_VALUES),
    catchUp: async () => {
      while ((await sealPending({ database, store, clock, lease: UNGUARDED })).count > 0);
      await projectAll(database, store, codec, app.get<SealedEvents>(SEALED_EVENTS));
    },
    get: async (path, key) => {
      const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };
      const response = await fetch(`${url}${path}`, { headers });
      return { status: response.status, body: (await response.json()) as never };
    },
    close: async () => {
      await app.close();
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function projectAll(
  database: Database,
  store: EventStore,
  reader: VaultCodec,
  sealedEvents: SealedEvents,
): Promise<void> {
  const runner = new ProjectionRunner({ database, store, reader, sealedEvents, catalogue, projections: PROJECTIONS });
  await sealedEvents.follow(
    {
      name: 'audit-server',
      place: async () => ({ position: (await readPosition(database)).position, bookmark: null }),
      take: async (batch) => {
        await runner.take(batch, UNGUARDED);
        return batch.events.length === 0 ? 'stop' : 'go-on';
      },
    },
    AbortSignal.timeout(10_000),
  );
}
