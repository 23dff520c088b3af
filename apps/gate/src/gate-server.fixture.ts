import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { Module } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { v5 as uuidv5 } from 'uuid';
import type { ConnectionSettings, RoleSettings, TenantSettings } from '#libs/contracts';
import { connectionDecider, roleDecider, tenantDecider } from '#libs/domain';
import { decideAndAppend, deriveId } from '#libs/event-store';
import { type CommandMetadata, streamName, system } from '#libs/kernel';
import {
  allAuthenticators,
  createHttpApp,
  createLog,
  EngineModule,
  type Environment,
  readEnvironment,
  SECRET_VALUES,
  WRITE_PATH,
  type WritePath,
} from '#libs/platform';
import type { SecretValues } from '#libs/vault';
import { GateModule } from './gate.module.js';

const NAMESPACE = '5d1c2f0a-9a55-4f0e-8f52-0d4f7c1b2a10';

/** A server with the whole of the gate on an embedded database of its own, and a customer `acme`. */
export interface GateServer {
  readonly app: NestExpressApplication;
  /** Its public address, too. */
  readonly url: string;
  readonly path: WritePath;
  readonly secrets: SecretValues;
  /** Everything that was logged. */
  readonly logged: readonly string[];
  /** Metadata of a command of `acme`, named by what it does. */
  metadata(doing: string): CommandMetadata;
  /** Makes a connection known, or changes it. */
  connect(id: string, settings: ConnectionSettings, how?: { readonly enabled?: boolean }): Promise<void>;
  close(): Promise<void>;
}

/** Starts a gate. Its requests may reach loopback, where the fakes are. */
export async function startGate(): Promise<GateServer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'gatebook-gate-'));
  const logged: string[] = [];
  const log = createLog({ level: 'info', readable: false, destination: linesInto(logged) });
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const environment: Environment = {
    ...readEnvironment({
      PORT: String(port),
      GATEBOOK_DATA_DIR: dataDir,
      GATEBOOK_PUBLIC_URL: url,
      GATEBOOK_EGRESS_ALLOW: '127.0.0.1',
    }),
    demo: false,
  };
  const root = { module: GateTestServer, imports: [EngineModule.forRoot(environment, { log }), GateModule] };
  const app = await createHttpApp(root, environment, { log, authenticators: allAuthenticators });
  await app.listen(port, '127.0.0.1');
  const path = app.get<WritePath>(WRITE_PATH, { strict: false });
  const server = {
    app,
    url,
    path,
    logged,
    secrets: app.get<SecretValues>(SECRET_VALUES, { strict: false }),
    metadata: (doing: string) => metadataOf(path, doing),
    connect: (id: string, settings: ConnectionSettings, { enabled = true } = {}) =>
      connect(path, id, settings, enabled),
    close: async () => {
      await app.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
  await registerAcme(path);
  return server;
}

@Module({})
class GateTestServer {}

const linesInto = (lines: string[]) =>
  new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done));
  const { port } = probe.address() as { port: number };
  await new Promise((done) => probe.close(done));
  return port;
}

function metadataOf({ clock }: WritePath, doing: string): CommandMetadata {
  const commandId = uuidv5(doing, NAMESPACE);
  return {
    tenant: 'acme',
    actor: system('test'),
    commandId,
    commandDigest: '',
    correlationId: commandId,
    now: clock.now().toISOString(),
    deriveId: (name) => deriveId(commandId, name),
  };
}

const ROLE: RoleSettings = {
  application: 'crm',
  name: 'CRM reader',
  privileged: false,
  risk: 'low',
  maxDuration: null,
};

const SETTINGS: TenantSettings = {
  timeZone: 'Europe/Berlin',
  session: { idle: 'PT1H', max: 'PT12H' },
  guard: { maxLossPercent: 10 },
  retention: { refusals: 'P90D' },
  reactivation: { restoreWithin: 'P30D' },
  directories: [
    { id: 'staff', authority: {} },
    { id: 'externals', authority: {} },
  ],
  applications: [],
  changeApproval: { connections: 0, rules: 0, policies: 0, privilegedRoles: 0 },
  notices: { webhook: null },
  reports: [],
};

async function registerAcme(path: WritePath): Promise<void> {
  await decideAndAppend(path, streamName({ category: 'tenant', tenant: 'acme', id: 'acme' }), tenantDecider, {
    type: 'ConfigureTenant',
    data: { tenant: 'acme', settings: SETTINGS, reason: null },
    metadata: metadataOf(path, 'tenant'),
  });
  await decideAndAppend(path, streamName({ category: 'role', tenant: 'acme', id: 'crm.reader' }), roleDecider, {
    type: 'DefineRole',
    data: { role: 'crm.reader', settings: ROLE, owner: null, managedBy: 'config', reason: null },
    metadata: metadataOf(path, 'role'),
  });
}

async function connect(path: WritePath, id: string, settings: ConnectionSettings, enabled: boolean): Promise<void> {
  await decideAndAppend(path, streamName({ category: 'connection', tenant: 'acme', id }), connectionDecider, {
    type: 'ConfigureConnection',
    data: { connection: id, settings, enabled, managedBy: 'config', reason: null },
    metadata: metadataOf(path, `connect ${id} ${enabled} ${JSON.stringify(settings)}`),
  });
}
