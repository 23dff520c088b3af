import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { v5 as uuidv5 } from 'uuid';
import type { Catalog } from '#libs/catalog';
import type { ConnectionSettings, SignedIn } from '#libs/contracts';
import { type AccountState, accountDecider, mapIdentity, openGrants, rolesHeld, toClaimList } from '#libs/domain';
import { appendOnce, decideAndAppend, deriveId, readAggregate } from '#libs/event-store';
import type { Sessions } from '#libs/identity';
import { type CommandMetadata, streamName } from '#libs/kernel';
import {
  allAuthenticators,
  CATALOG,
  createHttpApp,
  createLog,
  EngineModule,
  type Environment,
  readEnvironment,
  SESSIONS,
  WRITE_PATH,
  type WritePath,
} from '#libs/platform';
import { createIdentityProviderKey } from '#libs/saml-idp';
import { CatalogModule } from './catalog/catalog.module.js';
import { ProvisioningModule } from './provisioning.module.js';
import { SetupModule } from './setup/setup.module.js';

/** The administrator key of test servers. */
export const ADMIN_KEY = 'a-key-for-tests-of-some-length';

/** When tests begin. */
export const TEST_BEGINS = Date.parse('2026-03-02T08:00:00.000Z');

const NAMESPACE = '3f6f6a52-1f0c-4a52-9d5b-0d5f5c6c7a11';

/** A server with the whole of provisioning on an embedded database of its own. */
export interface ProvisioningServer {
  readonly app: NestExpressApplication;
  readonly url: string;
  readonly dataDir: string;
  readonly catalog: Catalog;
  readonly path: WritePath;
  readonly sessions: Sessions;
  /** Everything that servers of this file have logged: they share one log, as a process does. */
  readonly logged: readonly string[];
  ask(path: string, init?: RequestInit): Promise<Response>;
  post(path: string, body: unknown, key?: string): Promise<Response>;
  close(): Promise<void>;
}

const logged: string[] = [];
const log = createLog({
  level: 'info',
  readable: false,
  destination: new Writable({
    write(chunk, _encoding, done) {
      logged.push(String(chunk));
      done();
    },
  }),
});

/** Makes a data folder that is removed by `remove`. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'gatebook-provisioning-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Starts provisioning on a data folder. */
export async function startProvisioning(
  dataDir: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<ProvisioningServer> {
  const environment: Environment = {
    ...readEnvironment({ GATEBOOK_DATA_DIR: dataDir, GATEBOOK_ADMIN_KEY: ADMIN_KEY, ...variables }),
    demo: false,
  };
  const app = await createHttpApp(rootOf(environment), environment, { log, authenticators: allAuthenticators });
  try {
    await app.listen(0, '127.0.0.1');
  } catch (error) {
    await app.close();
    throw error;
  }
  const url = await app.getUrl();
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${url}${path}`, { ...init, headers: { authorization: `Bearer ${ADMIN_KEY}`, ...init.headers } });
  const post = (path: string, body: unknown, key: string = uuidv5(JSON.stringify([path, body]), NAMESPACE)) =>
    ask(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
    });
  return {
    app,
    url,
    dataDir,
    logged,
    ask,
    post,
    catalog: app.get(CATALOG, { strict: false }),
    path: app.get(WRITE_PATH, { strict: false }),
    sessions: app.get(SESSIONS, { strict: false }),
    close: () => app.close(),
  };
}

@Module({})
class ProvisioningTestServer {}

function rootOf(environment: Environment) {
  return {
    module: ProvisioningTestServer,
    imports: [EngineModule.forRoot(environment, { log }), ProvisioningModule, CatalogModule, SetupModule],
  };
}

let certificate: Promise<string> | undefined;

/** A certificate of an identity provider, made once for all tests of a file. */
export function sampleCertificate(): Promise<string> {
  certificate ??= createIdentityProviderKey({ commonName: 'idp.example', now: new Date(TEST_BEGINS) }).then(
    ({ certificatePem }) => certificatePem,
  );
  return certificate;
}

/** What a test's configuration says beyond the ordinary. */
export interface SampleConfiguration {
  readonly rules?: readonly unknown[];
  readonly roles?: readonly string[];
  readonly connections?: readonly string[];
  readonly enabled?: boolean;
  readonly maxLossPercent?: number;
}

const EVERYONE = { id: 'everyone', when: 'always', grant: ['crm.reader'] };

/** Sales people write, because their group says so. */
export const SALES = { id: 'sales', when: { group: 'sales' }, grant: ['crm.writer'] };

/** A configuration of the tenant acme, as the text of a file (JSON is YAML). */
export async function sampleConfiguration({
  rules = [EVERYONE, SALES],
  roles = ['crm.reader', 'crm.writer'],
  connections = ['okta'],
  enabled = true,
  maxLossPercent = 100,
}: SampleConfiguration = {}): Promise<string> {
  const certificates = [await sampleCertificate()];
  const saml = { idpEntityId: 'http://idp.example', ssoUrl: 'https://idp.example/sso', certificates };
  return JSON.stringify({
    apiVersion: 'gatebook/v1',
    tenants: [
      {
        id: 'acme',
        guard: { maxLossPercent },
        directories: [{ id: 'staff' }],
        roles: roles.map((id) => ({ id, application: 'crm', name: id })),
        connections: connections.map((id) => ({
          id,
          protocol: 'saml',
          directory: 'staff',
          enabled,
          jit: { create: true },
          saml,
          attributes: { userName: 'nameId' },
          rules,
        })),
      },
    ],
  });
}

/** Applies a configuration through the API, whatever it takes. */
export async function configure(server: ProvisioningServer, yaml: string, { prune = false } = {}): Promise<void> {
  const dryRun = await server.post('/api/v1/configuration', { yaml, prune, dryRun: true, reason: 'test' });
  const { confirm } = (await dryRun.json()) as { confirm: string | null };
  const body = { yaml, prune, reason: 'test', ...(confirm ? { confirm } : {}) };
  const response = await server.post(
    '/api/v1/configuration',
    body,
    uuidv5(`${await server.path.store.head()}`, NAMESPACE),
  );
  if (!response.ok) throw new Error(`The configuration was refused: ${await response.text()}`);
}

/** A connection as a sign-in found it. */
export interface SeenConnection {
  readonly settings: ConnectionSettings;
  readonly version: number;
  readonly liveRoles: ReadonlySet<string>;
}

/** The connection as it stands now. */
export async function seen({ catalog }: ProvisioningServer, id = 'okta'): Promise<SeenConnection> {
  const view = await catalog.current();
  const { settings, version } = view.connection(id) as { settings: ConnectionSettings; version: number };
  return { settings, version, liveRoles: view.liveRoles('acme') };
}

/** Id of the account of somebody of these tests. */
export const accountOf = (person: string): string => uuidv5(person, NAMESPACE);

/** Somebody signs in: the evidence and what follows for the account, as the gate records them. `nth` tells sign-ins of one person apart. */
export async function signIn(
  server: ProvisioningServer,
  person: string,
  groups: readonly string[] | null,
  { nth = 1, connection: id = 'okta', as }: { nth?: number; connection?: string; as?: SeenConnection } = {},
): Promise<void> {
  const connection = as ?? (await seen(server, id));
  const commandId = uuidv5(`${person}/${id}/${nth}`, NAMESPACE);
  const account = accountOf(person);
  const claims = new Map(groups === null ? [] : [['groups', groups] as const]);
  const identity = mapIdentity(
    connection.settings,
    {
      subject: { value: person, format: null },
      claims,
      authentication: { context: null, methods: [] },
      groupsOverage: false,
    },
    connection.settings.domains,
  );
  const metadata: CommandMetadata = {
    tenant: 'acme',
    actor: { kind: 'account', id: account },
    commandId,
    commandDigest: '0'.repeat(64),
    correlationId: commandId,
    now: server.path.clock.now().toISOString(),
    deriveId: (name) => deriveId(commandId, name),
  };
  const { state } = await accountState(server, person);
  const stream = streamName({ category: 'signIn', tenant: 'acme', id: commandId });
  const evidence = signedIn({ account, connection: id, version: connection.version, person, claims });
  const { events } = await appendOnce(server.path, stream, [evidence], metadata);
  const data = {
    account,
    found: state.exists ? ('link' as const) : ('new' as const),
    connection: {
      id,
      version: connection.version,
      settings: connection.settings,
      ownedDomains: connection.settings.domains,
    },
    issuer: 'http://idp.example',
    identity,
    claims,
    liveRoles: connection.liveRoles,
    authority: {},
    sod: [],
    evidence: events[0]?.id ?? '',
  };
  await decideAndAppend(server.path, accountStream(person), accountDecider, { type: 'SignIn', data, metadata });
}

function signedIn(of: {
  account: string;
  connection: string;
  version: number;
  person: string;
  claims: ReadonlyMap<string, readonly string[]>;
}): SignedIn {
  const proof = {
    issuer: 'http://idp.example',
    assertionId: '_1',
    certificateSha256: '0'.repeat(64),
    assertionSha256: '0'.repeat(64),
    authnInstant: null,
    authnContext: null,
    amr: [],
    nameIdFormat: null,
    sessionIndex: null,
    initiatedBy: 'sp' as const,
  };
  return {
    type: 'SignedIn',
    data: {
      account: of.account,
      connection: of.connection,
      connectionVersion: of.version,
      protocol: 'saml',
      directory: 'staff',
      subject: of.person,
      proof,
      sessionNotOnOrAfter: null,
      claims: toClaimList(of.claims),
      groups: of.claims.has('groups') ? 'known' : 'unknown',
      judgements: [],
      client: { address: '192.0.2.10', userAgent: 'test' },
      softwareVersion: '0.1.0',
    },
  };
}

const accountStream = (person: string) => streamName({ category: 'account', tenant: 'acme', id: accountOf(person) });

/** The account as its stream tells it. */
export function accountState({ path }: ProvisioningServer, person: string) {
  return readAggregate<AccountState>(path, accountStream(person), accountDecider);
}

/** Roles that somebody holds now, sorted. */
export async function rolesOf(server: ProvisioningServer, person: string): Promise<string[]> {
  const { state } = await accountState(server, person);
  return rolesHeld(state, server.path.clock.now().toISOString()).sort();
}

/** How many grants somebody has. */
export async function grantsOf(server: ProvisioningServer, person: string): Promise<number> {
  const { state } = await accountState(server, person);
  return openGrants(state, server.path.clock.now().toISOString()).length;
}

/** Longest wait for something to become so, milliseconds. */
const PATIENCE_MS = 15_000;

/** Waits until a question is answered as expected, and says what the last answer was if it never is. */
export async function eventually<T>(ask: () => Promise<T>, expected: T): Promise<void> {
  const wanted = JSON.stringify(expected);
  let last = '';
  for (const deadline = performance.now() + PATIENCE_MS; performance.now() < deadline; ) {
    last = JSON.stringify(await ask());
    if (last === wanted) return;
    await setImmediate(); // lets timers run
  }
  throw new Error(`Expected ${wanted} in the end, and it was still ${last}.`);
}
