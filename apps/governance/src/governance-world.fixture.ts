import { setTimeout as delay } from 'node:timers/promises';
import { CommandBus } from '@nestjs/cqrs';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { v5 as uuidv5 } from 'uuid';
import type {
  ConnectionSettings,
  PolicySettings,
  ReviewPolicy,
  RoleSettings,
  Scope,
  TenantSettings,
} from '#libs/contracts';
import {
  type AccountCommand,
  type AccountState,
  accountDecider,
  apiKeyDecider,
  connectionDecider,
  newProfile,
  policyDecider,
  roleDecider,
  tenantDecider,
} from '#libs/domain';
import { decideAndAppend, deriveId, type Outcome, readAggregate } from '#libs/event-store';
import { type IdentityKeys, IdentityKeysBehindError, type Sessions } from '#libs/identity';
import { type Actor, type CommandMetadata, streamName, system } from '#libs/kernel';
import {
  CSRF_HEADER,
  CSRF_KEY,
  csrfTokenOf,
  IDENTITY_KEYS,
  newApiKey,
  RunAccountCommand,
  SESSION_COOKIE,
  SESSIONS,
  WRITE_PATH,
  type WritePath,
} from '#libs/platform';

const NAMESPACE = '7a0f5f7e-3c52-4b0f-8f0c-6f1f0a9f3d21';

/** How often a claim is tried, and after which pause, milliseconds. */
const CLAIMS_MAX = 200;
const CLAIM_PAUSE_MS = 50;

/** Somebody of acme; what is absent is not known of them. */
export interface SamplePerson {
  /** userName of the manager. */
  readonly manager?: string;
  readonly department?: string;
  readonly title?: string;
  readonly employeeType?: string;
  readonly employeeNumber?: string;
  readonly email?: string;
  readonly kind?: 'person' | 'service' | 'external' | 'breakGlass';
  /** When the account ends; never, if absent. */
  readonly expiresAt?: string;
}

/** What tests do to the customer acme, by commands as the servers give them. Commands are named by what they do: the same twice is once. */
export interface AcmeWorld {
  /** Makes acme known, with the directory `staff`, the roles crm.reader, crm.writer (owner olga) and prod.admin (privileged, owner olga). */
  register(): Promise<void>;
  /** Has notices sent to a webhook as well. @param secret fingerprint of its secret */
  webhook(url: string, secret: string): Promise<void>;
  /** Metadata of a command, named by what it does. */
  metadata(doing: string): CommandMetadata;
  role(id: string, settings?: Partial<RoleSettings>, owner?: string | null): Promise<void>;
  /** Retires a role and ends its holders' grants, as the provisioning server does when it reads of it. */
  retire(id: string, ...holders: readonly string[]): Promise<void>;
  policy(id: string, settings: PolicySettings, how?: { readonly enabled?: boolean }): Promise<void>;
  connect(id: string, settings: ConnectionSettings, how?: { readonly enabled?: boolean }): Promise<void>;
  /** Makes somebody known by userName and waits until the name leads to them. @returns the account */
  person(userName: string, facts?: SamplePerson): Promise<string>;
  /** Id of the account that `person` makes. */
  accountOf(userName: string): string;
  /** Gives a role by hand. @returns the grant */
  give(userName: string, role: string, nth?: number): Promise<string>;
  /** Runs a command on somebody's account. */
  run(userName: string, command: Pick<AccountCommand, 'type' | 'data'>, doing?: string): Promise<Outcome<AccountState>>;
  state(userName: string): Promise<AccountState>;
  /** A key of acme with the scopes, as headers of a request. @param maker who makes it; the operator, if absent */
  key(scopes: readonly Scope[], maker?: Actor): Promise<Record<string, string>>;
  /** The key that `key` makes, as an actor. */
  keyOf(scopes: readonly Scope[], maker?: Actor): Actor;
  /** A session of somebody, as headers of a request, with the CSRF token. */
  session(userName: string, connection: string): Promise<Record<string, string>>;
}

const TENANT: TenantSettings = {
  timeZone: 'Europe/Berlin',
  session: { idle: 'PT1H', max: 'PT12H' },
  guard: { maxLossPercent: 100 },
  retention: { refusals: 'P90D' },
  reactivation: { restoreWithin: 'P30D' },
  directories: [{ id: 'staff', authority: {} }],
  applications: [],
  changeApproval: { connections: 0, rules: 0, policies: 0, privilegedRoles: 0 },
  notices: { webhook: null },
  reports: [],
};

/** A review policy with its defaults; tests say what matters to them. */
export function reviewPolicy(over: Partial<ReviewPolicy> = {}): ReviewPolicy {
  return {
    kind: 'review',
    triggers: [],
    schedule: null,
    timeZone: null,
    scope: { roles: [], applications: [], people: [], connections: [], privileged: false, orphans: false },
    stages: [{ reviewers: [{ kind: 'roleOwner', principal: null }], fallback: [] }],
    due: 'P7D',
    reminders: [],
    escalation: null,
    noResponse: 'keep',
    maxRevocations: { percent: 5, atLeast: 10 },
    carryForward: null,
    control: null,
    selfReview: false,
    reasons: ['revoke'],
    signOff: null,
    ...over,
  };
}

/** What tests do to acme on a server. */
export function acmeWorld(app: NestExpressApplication): AcmeWorld {
  const path = app.get<WritePath>(WRITE_PATH, { strict: false });
  const metadata = (doing: string) => metadataOf(path, doing);
  const decide: Decide = (category, id, decider, type, data, actor = system('test')) => {
    const command = { type, data, metadata: { ...metadata(JSON.stringify([category, id, type, data])), actor } };
    return decideAndAppend(path, streamName({ category, tenant: 'acme', id }), decider as never, command as never);
  };
  return { metadata, accountOf, ...setUp(decide), ...people(app, path, metadata), ...callers(app, path, decide) };
}

/** Runs a command of any aggregate. */
type Decide = (
  category: string,
  id: string,
  decider: object,
  type: string,
  data: object,
  actor?: Actor,
) => Promise<Outcome<unknown>>;

const accountOf = (userName: string) => uuidv5(userName, NAMESPACE);
const accountStream = (userName: string) =>
  streamName({ category: 'account', tenant: 'acme', id: accountOf(userName) });

function setUp(decide: Decide): Pick<AcmeWorld, 'register' | 'webhook' | 'role' | 'retire' | 'policy' | 'connect'> {
  const written = { managedBy: 'config', reason: null };
  const role: AcmeWorld['role'] = async (id, settings = {}, owner = 'olga') => {
    const application = id.split('.')[0] ?? id;
    const all = { application, name: id, privileged: false, risk: 'low', maxDuration: null, ...settings };
    await decide('role', id, roleDecider, 'DefineRole', { role: id, settings: all, owner, ...written });
  };
  return {
    role,
    async register() {
      const data = { tenant: 'acme', settings: TENANT, reason: null };
      await decide('tenant', 'acme', tenantDecider, 'ConfigureTenant', data);
      await role('crm.reader');
      await role('crm.writer');
      await role('prod.admin', { application: 'prod', privileged: true, risk: 'high' });
    },
    async webhook(url, secret) {
      const settings = { ...TENANT, notices: { webhook: { url, secret } } };
      await decide('tenant', 'acme', tenantDecider, 'ConfigureTenant', { tenant: 'acme', settings, reason: null });
    },
    async retire(id, ...holders) {
      const { events } = await decide('role', id, roleDecider, 'RetireRole', written);
      const [retired] = events;
      const data = { of: { role: id }, before: retired?.recordedAt, evidence: retired?.id };
      for (const userName of holders) await decide('account', accountOf(userName), accountDecider, 'RevokeAllOf', data);
    },
    async policy(policy, settings, { enabled = true } = {}) {
      const data = { policy, settings, enabled, ...written };
      await decide('policy', policy, policyDecider, 'ConfigurePolicy', data);
    },
    async connect(connection, settings, { enabled = true } = {}) {
      const data = { connection, settings, enabled, ...written };
      await decide('connection', connection, connectionDecider, 'ConfigureConnection', data);
    },
  };
}

function people(
  app: NestExpressApplication,
  path: WritePath,
  metadata: AcmeWorld['metadata'],
): Pick<AcmeWorld, 'person' | 'give' | 'run' | 'state'> {
  const keys = app.get<IdentityKeys>(IDENTITY_KEYS, { strict: false });
  const commands = app.get(CommandBus, { strict: false });
  const run: AcmeWorld['run'] = (userName, command, doing = JSON.stringify([userName, command])) =>
    commands.execute(
      new RunAccountCommand(accountOf(userName), { ...command, metadata: metadata(doing) } as AccountCommand),
    );
  return {
    run,
    async person(userName, { kind = 'person', expiresAt = null, ...facts } = {}) {
      const account = accountOf(userName);
      const home = { tenant: 'acme', directory: 'staff' };
      const { commandId } = metadata(`person ${userName}`);
      await claimed(() => keys.claimFor({ ...home, accountId: account, commandId, userName }));
      const profile = newProfile(new Map([['userName', userName], ...Object.entries(facts)]));
      const rest = { kind, sponsor: null, expiresAt, profile, links: [], reason: 'test' };
      const data = { account, directory: 'staff', ...rest };
      await run(userName, { type: 'ProvisionByHand', data }, `person ${userName}`);
      return account;
    },
    async give(userName, role, nth = 1) {
      const data = { role, maxDurationMs: null, until: null, overrideWithholding: false, sod: [], reason: 'test' };
      const { events } = await run(userName, { type: 'AssignRole', data }, `give ${userName} ${role} ${nth}`);
      const assigned = events.find(({ type }) => type === 'RolesAssigned') as { data: { grants: { id: string }[] } };
      return assigned.data.grants[0]?.id ?? '';
    },
    async state(userName) {
      return (await readAggregate<AccountState>(path, accountStream(userName), accountDecider)).state;
    },
  };
}

function callers(
  app: NestExpressApplication,
  path: WritePath,
  decide: Decide,
): Pick<AcmeWorld, 'key' | 'keyOf' | 'session'> {
  const keyOf: AcmeWorld['keyOf'] = (scopes, maker) => ({
    kind: 'key',
    id: uuidv5(JSON.stringify([...scopes, maker]), NAMESPACE),
  });
  return {
    keyOf,
    async key(scopes, maker) {
      const { id } = keyOf(scopes, maker);
      const { token, secretHash } = newApiKey(id);
      const born = { key: id, name: 'test', scopes, expiresAt: '2036-01-01T00:00:00.000Z', reason: 'test' };
      await decide('apiKey', id, apiKeyDecider, 'CreateApiKey', { ...born, secretSha256: secretHash }, maker);
      return { authorization: `Bearer ${token}` };
    },
    async session(userName, connection) {
      const sessions = app.get<Sessions>(SESSIONS, { strict: false });
      const { revision } = await readAggregate(path, accountStream(userName), accountDecider);
      const times = { idleSeconds: 3600, maxSeconds: 36_000, notOnOrAfter: null, signIn: null };
      const whose = { tenant: 'acme', account: accountOf(userName), connection, revision };
      const { token } = await sessions.start({ ...whose, ...times });
      const csrf = csrfTokenOf(app.get<Buffer>(CSRF_KEY, { strict: false }), token);
      return { authorization: '', cookie: `${SESSION_COOKIE}=${token}`, [CSRF_HEADER]: csrf };
    },
  };
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

/** A server that has only just begun still reads who there is. */
async function claimed(claim: () => Promise<void>): Promise<void> {
  for (let left = CLAIMS_MAX; ; left -= 1) {
    try {
      return await claim();
    } catch (error) {
      if (left === 0 || !(error instanceof IdentityKeysBehindError)) throw error;
      await delay(CLAIM_PAUSE_MS);
    }
  }
}
