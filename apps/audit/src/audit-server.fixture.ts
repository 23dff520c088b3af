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
  createHttpApp,
  createLog,
  DATABASE,
  EngineModule,
  EVENT_CODEC,
  EVENT_STORE,
  InvalidKeyError,
  readEnvironment,
  SEALED_EVENTS,
  setUpOpenApi,
} from '#libs/platform';
import { PROJECTIONS, ProjectionRunner, readPosition } from '#libs/read-model';
import type { VaultCodec } from '#libs/vault';
import { AuditModule } from './audit.module.js';

@Module({})
class AuditServer {}

const UNGUARDED = { guard: async () => {} };

/** Keys of the tests: who they belong to and what they may do. */
const KEYS: Readonly<Record<string, { tenant: string | null; scopes: readonly Scope[] }>> = {
  installation: { tenant: null, scopes: SCOPES },
  acme: { tenant: 'acme', scopes: ['audit:read', 'personal:read'] },
  'acme-blind': { tenant: 'acme', scopes: ['audit:read'] },
  'acme-writer': { tenant: 'acme', scopes: ['accounts:write'] },
  globex: { tenant: 'globex', scopes: ['audit:read', 'personal:read'] },
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
  readonly store: EventStore;
  readonly codec: VaultCodec;
  readonly database: Database;
  /** Seals everything that was appended, and takes it into the read model. */
  catchUp(): Promise<void>;
  get(path: string, key?: string): Promise<{ status: number; body: never }>;
  close(): Promise<void>;
}

/** Starts one. For specs only. */
export async function startAuditServer(now: string): Promise<AuditServerUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'gatebook-audit-'));
  const log = createLog({
    level: 'error',
    readable: false,
    destination: new Writable({ write: (_line, _encoding, done) => done() }),
  });
  const clock = { now: () => new Date(now) };
  const environment = readEnvironment({ GATEBOOK_DATA_DIR: folder });
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
    store,
    codec,
    database,
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
      rmSync(folder, { recursive: true, force: true });
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
