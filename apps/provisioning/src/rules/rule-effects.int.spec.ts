/** A change of rules takes back at once and gives at the next sign-in; what is retired, removed or disabled loses its effect. */
import {
  ApplyConfiguration,
  noReferences,
  readCheckpoint,
  readConfiguration,
  StandingGrants,
} from '#libs/configuration';
import type { Database } from '#libs/database';
import { deriveId } from '#libs/event-store';
import { createLog, DATABASE, openEngine, Readiness, readEnvironment } from '#libs/platform';
import {
  accountOf,
  configure,
  eventually,
  type ProvisioningServer,
  rolesOf,
  SALES,
  sampleConfiguration,
  seen,
  signIn,
  startProvisioning,
  temporaryFolder,
} from '../provisioning-server.fixture.js';
import { RuleEffects } from './rule-effects.js';

jest.setTimeout(60_000);

const EVERYONE = { id: 'everyone', when: 'always', grant: ['crm.reader'] };
const PARTNERS = { id: 'sales', when: { group: 'partners' }, grant: ['crm.writer'] };

const folder = temporaryFolder();
let server: ProvisioningServer;
beforeAll(async () => {
  server = await startProvisioning(folder.path);
});
afterAll(async () => {
  await server.close();
  folder.remove();
});

const revocations = async (person: string) => {
  const stream = `account-acme+${accountOf(person)}`;
  const stored = await server.path.store.readStream(stream);
  const events = await server.path.codec.decode(stored.filter(({ type }) => type === 'AccessRevoked'));
  return events.map(({ data, metadata }) => ({
    code: (data as { code: string }).code,
    actor: `${metadata.actor.kind}:${metadata.actor.id}`,
  }));
};

describe('given people who signed in under the first rules', () => {
  beforeAll(async () => {
    await configure(server, await sampleConfiguration());
    await signIn(server, 'ada', ['sales']);
    await signIn(server, 'bo', ['partners']);
    await signIn(server, 'cleo', ['sales']);
    await signIn(server, 'cleo', null, { nth: 2 });
  });

  it('gave them what the rules say', async () => {
    expect(await rolesOf(server, 'ada')).toEqual(['crm.reader', 'crm.writer']);
    expect(await rolesOf(server, 'bo')).toEqual(['crm.reader']);
  });

  it('a changed rule takes back at once, and gives nothing before the next sign-in', async () => {
    await configure(server, await sampleConfiguration({ rules: [EVERYONE, PARTNERS] }));
    await eventually(() => rolesOf(server, 'ada'), ['crm.reader']);
    expect(await revocations('ada')).toEqual([{ code: 'rule-changed', actor: 'system:rules' }]);
    expect(await rolesOf(server, 'bo')).toEqual(['crm.reader']);
    await signIn(server, 'bo', ['partners'], { nth: 2 });
    expect(await rolesOf(server, 'bo')).toEqual(['crm.reader', 'crm.writer']);
  });

  it('unknown groups keep what a rule that still asks for groups gave', async () => {
    expect(await rolesOf(server, 'cleo')).toEqual(['crm.reader', 'crm.writer']);
  });

  it('takes a role away again that a sign-in gave by the rules before the change', async () => {
    const before = await seen(server);
    await configure(server, await sampleConfiguration({ rules: [EVERYONE, SALES] }));
    await signIn(server, 'dora', ['partners'], { as: before });
    await eventually(() => rolesOf(server, 'dora'), ['crm.reader']);
  });

  it('a retired role is revoked from everybody, also from who holds it by unknown groups', async () => {
    await configure(server, await sampleConfiguration({ rules: [EVERYONE], roles: ['crm.reader'] }), { prune: true });
    await eventually(() => rolesOf(server, 'cleo'), ['crm.reader']);
    await eventually(() => rolesOf(server, 'bo'), ['crm.reader']);
  });

  it('a disabled connection ends its sessions and keeps its grants', async () => {
    const session = {
      tenant: 'acme',
      account: accountOf('ada'),
      connection: 'okta',
      revision: 1_000,
      signIn: null,
      idleSeconds: 3_600,
      maxSeconds: 3_600,
      notOnOrAfter: null,
    };
    const { token } = await server.sessions.start(session);
    const { token: other } = await server.sessions.start({ ...session, connection: 'entra' });
    await configure(server, await sampleConfiguration({ rules: [EVERYONE], roles: ['crm.reader'], enabled: false }));
    await eventually(async () => (await server.sessions.find(token)) === null, true);
    expect(await server.sessions.find(other)).not.toBeNull();
    expect(await rolesOf(server, 'ada')).toEqual(['crm.reader']);
  });

  it('a removed connection takes back whatever it gave', async () => {
    await configure(server, await sampleConfiguration({ roles: ['crm.reader'], connections: [] }), { prune: true });
    await eventually(() => rolesOf(server, 'ada'), []);
    expect(await revocations('ada')).toContainEqual({ code: 'connection-removed', actor: 'system:rules' });
  });
});

describe('effects that nobody was there to carry out', () => {
  it('are carried out by the next server, once', async () => {
    await configure(server, await sampleConfiguration({ connections: ['entra'] }));
    await signIn(server, 'emil', ['sales'], { connection: 'entra' });
    await server.close();
    await applyOffline(folder.path, await sampleConfiguration({ connections: ['entra'], rules: [EVERYONE] }));
    server = await startProvisioning(folder.path);
    await eventually(() => rolesOf(server, 'emil'), ['crm.reader']);
    await server.close();
    server = await startProvisioning(folder.path);
    expect(await revocations('emil')).toHaveLength(1);
  });

  it('are carried out again after a failure in the middle, for everybody and once', async () => {
    const people = Array.from({ length: 24 }, (_, index) => `person-${index}`);
    await configure(server, await sampleConfiguration({ connections: ['entra'] }));
    for (const person of people) await signIn(server, person, ['sales'], { connection: 'entra' });
    const { append } = server.path.store;
    let revoked = 0;
    server.path.store.append = (stream, expected, events) => {
      if (events.some(({ type }) => type === 'AccessRevoked') && ++revoked === 20)
        throw new TypeError('the machine fails');
      return append.call(server.path.store, stream, expected, events);
    };
    await configure(server, await sampleConfiguration({ connections: ['entra'], rules: [EVERYONE] }));
    for (const person of people) await eventually(() => rolesOf(server, person), ['crm.reader']);
    expect(revoked).toBe(25);
    for (const person of people) expect(await revocations(person)).toHaveLength(1);
  });
});

describe('a retirement that is followed late', () => {
  it('leaves what was given after the role was defined again', async () => {
    const both = await sampleConfiguration({ connections: ['entra'] });
    const oneRole = { connections: ['entra'], rules: [EVERYONE], roles: ['crm.reader'] };
    await configure(server, both);
    await configure(server, await sampleConfiguration(oneRole), { prune: true });
    await configure(server, both);
    await signIn(server, 'fay', ['sales'], { connection: 'entra' });
    const { events } = await server.path.store.readLog({ after: -1, categories: ['role'] });
    const retirements = await server.path.codec.decode(events.filter(({ type }) => type === 'RoleRetired'));
    const effects = server.app.get(RuleEffects, { strict: false });
    for (const retirement of retirements) expect(await effects.follow(retirement)).toBe(true);
    expect(retirements.length).toBeGreaterThan(0);
    expect(await rolesOf(server, 'fay')).toEqual(['crm.reader', 'crm.writer']);
  });
});

describe('an account for which an effect cannot be carried out', () => {
  const people = Array.from({ length: 24 }, (_, index) => `colleague-${index}`);
  const [stuck, ...others] = people.toSorted((a, b) => (accountOf(a) < accountOf(b) ? -1 : 1)) as [string];
  const detail = async () => {
    const { checks } = await server.app.get(Readiness, { strict: false }).report();
    return checks['rule-effects']?.detail;
  };

  it('holds nobody else up, is shown while it lasts, and is tried until it succeeds', async () => {
    await configure(server, await sampleConfiguration({ connections: ['entra'] }));
    for (const person of people) await signIn(server, person, ['sales'], { connection: 'entra' });
    const { append } = server.path.store;
    server.path.store.append = (stream, expected, events) => {
      if (stream === `account-acme+${accountOf(stuck)}`) throw new TypeError('the machine fails');
      return append.call(server.path.store, stream, expected, events);
    };
    await configure(server, await sampleConfiguration({ connections: ['entra'], rules: [EVERYONE] }));
    for (const person of others) await eventually(() => rolesOf(server, person), ['crm.reader']);
    await eventually(detail, 'following; the last attempt failed and is repeated, see the log');
    expect(await rolesOf(server, stuck)).toEqual(['crm.reader', 'crm.writer']);
    server.path.store.append = append;
    await eventually(() => rolesOf(server, stuck), ['crm.reader']);
    await eventually(detail, 'following');
    for (const person of people) expect(await revocations(person)).toHaveLength(1);
  });
});

it('a checkpoint that somebody else moved is noticed, and followed from where it is', async () => {
  const database = server.app.get<Database>(DATABASE, { strict: false });
  await configure(server, await sampleConfiguration({ connections: ['entra'] }));
  await database.query("update provisioning.checkpoints set store_position = 0 where reader = 'rule-effects.1'");
  await signIn(server, 'gil', ['sales'], { connection: 'entra' });
  await eventually(async () => (await readCheckpoint(database, 'rule-effects.1')) > 0, true);
});

/** What the command line does while no server runs: it applies, and leaves the effects to the next server. */
async function applyOffline(dataDir: string, text: string): Promise<void> {
  const environment = readEnvironment({ GATEBOOK_DATA_DIR: dataDir });
  const engine = await openEngine({ environment, log: createLog({ level: 'silent', readable: false }) });
  const { catalog, writePath: path, keyring } = engine;
  const configurations = new ApplyConfiguration({
    catalog,
    path,
    keyring,
    standing: new StandingGrants(engine),
    secrets: engine.secretValues,
    publicUrl: environment.publicUrl,
  });
  const commandId = '6a1c9f66-2a39-4f0f-9c0a-1f0f7a6f0b11';
  await configurations.apply({
    configuration: readConfiguration(text, noReferences),
    prune: false,
    reason: 'test',
    metadata: {
      tenant: 'installation',
      actor: { kind: 'system', id: 'test' },
      commandId,
      commandDigest: '',
      correlationId: commandId,
      now: engine.clock.now().toISOString(),
      deriveId: (name) => deriveId(commandId, name),
    },
  });
  await engine.close();
}
