/**
 * Changes of connections and privileged roles where the tenant wants a second person: they wait once they have passed every check, and are
 * made as they were asked for. What takes access away at once never waits; the configuration file, and emergencies, are recorded.
 */
import { HeldChanges, SingleChanges } from '#libs/configuration';
import { roleDecider } from '#libs/domain';
import { readAggregate, readHistory } from '#libs/event-store';
import { type CommandMetadata, streamName } from '#libs/kernel';
import {
  accountOf,
  configure,
  type ProvisioningServer,
  SALES,
  sampleConfiguration,
  startProvisioning,
  temporaryFolder,
} from '../provisioning-server.fixture.js';

jest.setTimeout(60_000);

const SECRET = 'correct horse battery staple';
const OIDC = {
  protocol: 'oidc',
  preset: 'okta-oidc',
  directory: 'staff',
  domains: ['acme.example'],
  jit: { create: true },
  oidc: { issuer: 'https://acme.okta.example', clientId: 'gatebook', clientSecret: SECRET },
  rules: [{ id: 'everyone', when: 'always', grant: ['crm.reader'] }],
};
const ONE = { connections: 1, rules: 2, policies: 0, privilegedRoles: 1 };
const NONE = { connections: 0, rules: 0, policies: 0, privilegedRoles: 0 };

const folder = temporaryFolder();
let server: ProvisioningServer;
let changes: HeldChanges;
beforeAll(async () => {
  server = await startProvisioning(folder.path);
  const { catalog, path } = server;
  changes = new HeldChanges({ catalog, path, changes: server.app.get(SingleChanges, { strict: false }) });
  await want(NONE);
});
afterAll(async () => {
  await server?.close();
  folder.remove();
});

let number = 0;
const reason = 'test';
const want = async (changeApproval: object, rules: readonly unknown[] = []) => {
  const configuration = JSON.parse(await sampleConfiguration({ rules }));
  configuration.tenants[0].changeApproval = changeApproval;
  await configure(server, JSON.stringify(configuration));
};
// biome-ignore lint/suspicious/noExplicitAny: whatever the server answers is compared, never relied on
type Answer = any;
const send = async (method: string, path: string, body: object | null, key?: string) => {
  number += 1;
  const answer = await server.ask(path, {
    method,
    ...(body ? { body: JSON.stringify(body) } : {}),
    headers: { 'content-type': 'application/json', 'idempotency-key': key ?? `second-${number}` },
  });
  return { status: answer.status, body: (await answer.json()) as Answer };
};
const create = (id: string, over: object = {}) =>
  send('POST', '/api/v1/connections', { id, settings: OIDC, reason, ...over });
const patch = (id: string, settings: object, over: object = {}, key?: string) =>
  send('PATCH', `/api/v1/connections/${id}`, { settings, reason, ...over }, key);
/** Removes something, with what that asks to confirm. */
async function remove(path: string, over = '', key?: string) {
  const asked = await send('DELETE', `${path}?reason=gone${over}`, null);
  const { confirm } = asked.body.details;
  return { confirm, ...(await send('DELETE', `${path}?reason=gone${over}&confirm=${confirm}`, null, key)) };
}
const read = async (id: string) => (await send('GET', `/api/v1/connections/${id}`, null)).body as Answer;
const heldStream = (change: string) => streamName({ category: 'heldChange', tenant: 'acme', id: change });
const roleOf = async (id: string) =>
  (await readAggregate(server.path, streamName({ category: 'role', tenant: 'acme', id }), roleDecider)).state;

/** Somebody else agrees. */
function approve(
  change: string,
  { by = accountOf('bo'), confirm, through = changes }: { by?: string; confirm?: string; through?: HeldChanges } = {},
) {
  number += 1;
  const commandId = accountOf(`approve ${number}`);
  const metadata: CommandMetadata = {
    tenant: 'acme',
    actor: { kind: 'account', id: by },
    commandId,
    commandDigest: '',
    correlationId: commandId,
    now: server.path.clock.now().toISOString(),
    deriveId: (name) => accountOf(`${commandId}/${name}`),
  };
  return through.approve('acme', change, {
    by,
    via: 'session',
    reason: null,
    confirm,
    metadata,
    mayAdminister: async () => true,
  });
}

/** What was recorded as made at once, about one target. */
async function emergencies(target: string): Promise<readonly Answer[]> {
  const { events } = await server.path.store.readLog({ after: -1, limit: 1_000, categories: ['heldChange'] });
  const found = events.filter(({ type }) => type === 'EmergencyChangeRecorded');
  return (await server.path.codec.decode(found))
    .map(({ data }) => data as Answer)
    .filter((data) => data.target === target);
}

describe('a connection whose tenant wants a second person', () => {
  beforeAll(async () => {
    await create('okta-api', { enabled: true });
    await create('spare');
    await want(ONE);
  });
  afterAll(() => want(NONE));

  it('changes when somebody else has agreed, its secrets kept out of what waits', async () => {
    const oidc = { clientSecret: 'another secret' };
    const { status, body } = await patch('okta-api', { oidc }, {}, 'secret-once');
    expect({ status, body }).toMatchObject({ status: 202, body: { status: 'held', approvalsNeeded: 1 } });
    expect((await read('okta-api')).version).toBe(1);
    const { events } = await readHistory(server.path, heldStream(body.change));
    expect(JSON.stringify(events)).not.toContain('another secret');
    expect(await patch('okta-api', { oidc }, {}, 'secret-once')).toEqual({ status, body });
    expect((await approve(body.change)).status).toBe('applied');
    expect((await read('okta-api')).version).toBe(2);
  });

  it('asks as many as its area wants, and is made as it was then', async () => {
    const rules = [{ ...SALES, id: 'sales' }];
    const { status, body } = await patch('okta-api', { rules });
    expect([status, body.approvalsNeeded]).toEqual([202, 2]);
    expect((await approve(body.change)).status).toBe('held');
    expect((await approve(body.change, { by: accountOf('cleo') })).status).toBe('applied');
    expect((await read('okta-api')).settings.rules).toMatchObject([{ id: 'sales', version: 1 }]);
    const kept = await patch('okta-api', { displayName: 'Okta' });
    await patch('okta-api', { displayName: 'Sooner' }, { emergency: true });
    await expect(approve(kept.body.change)).rejects.toMatchObject({ code: 'change-outdated' });
    expect((await read('okta-api')).settings.displayName).toBe('Sooner');
  });

  it('is refused at once where it would be refused anyhow', async () => {
    expect((await patch('okta-api', { directory: 'gone' })).body.code).toBe('configuration-invalid');
    expect((await patch('okta', { displayName: 'x' })).body.code).toBe('managed-by-config');
    expect((await create('okta-api')).body.code).toBe('connection-exists');
    expect((await patch('okta-api', { linking: 'verifiedEmail' })).body.code).toBe('confirmation-required');
  });

  it('comes about, and is let in, only with somebody else; is shut at once', async () => {
    const made = await create('new', { enabled: true });
    expect(made.status).toBe(202);
    expect((await read('new')).code).toBe('not-found');
    await approve(made.body.change);
    expect(await read('new')).toMatchObject({ enabled: true, version: 1 });
    expect(await send('POST', '/api/v1/connections/new/disable', { reason })).toMatchObject({
      status: 200,
      body: { enabled: false },
    });
    const enabling = await send('POST', '/api/v1/connections/new/enable', { reason });
    expect(enabling.status).toBe(202);
    await approve(enabling.body.change);
    expect((await read('new')).enabled).toBe(true);
  });

  it('is not let in by a question that was put before it was let in and shut again', async () => {
    await send('POST', '/api/v1/connections/new/disable', { reason });
    const [first, second] = [
      await send('POST', '/api/v1/connections/new/enable', { reason }),
      await send('POST', '/api/v1/connections/new/enable', { reason }),
    ];
    await approve(first.body.change);
    await send('POST', '/api/v1/connections/new/disable', { reason: 'an incident' });
    await expect(approve(second.body.change)).rejects.toMatchObject({ code: 'change-outdated' });
    expect((await read('new')).enabled).toBe(false);
    await approve((await send('POST', '/api/v1/connections/new/enable', { reason })).body.change);
    expect((await read('new')).enabled).toBe(true);
  });

  it('changes once where the process dies between the change and the record of it', async () => {
    const { body } = await patch('okta-api', { displayName: 'Half' });
    const { path, catalog } = server;
    const append: typeof path.store.append = (stream, expected, events) =>
      events.some(({ type }) => type === 'ChangeApplied')
        ? Promise.reject(new Error('died'))
        : path.store.append(stream, expected, events);
    const store = new Proxy(path.store, {
      get: (real, name) => (name === 'append' ? append : Reflect.get(real, name, real).bind(real)),
    });
    const parts = { catalog, path: { ...path, store }, changes: server.app.get(SingleChanges, { strict: false }) };
    const { version } = await read('okta-api');
    await expect(approve(body.change, { through: new HeldChanges(parts) })).rejects.toThrow('died');
    expect(await read('okta-api')).toMatchObject({ version: version + 1, settings: { displayName: 'Half' } });
    await changes.settle('acme', body.change);
    await changes.settle('acme', body.change);
    expect((await read('okta-api')).version).toBe(version + 1);
    const { events } = await readHistory(path, heldStream(body.change));
    expect(events.map(({ type }) => type)).toEqual(['ChangeHeld', 'ChangeApproved', 'ChangeApplied']);
  });

  it('stays shut where it was shut while a change of it waited', async () => {
    const waiting = await patch('okta-api', { displayName: 'Shut' });
    await send('POST', '/api/v1/connections/okta-api/disable', { reason });
    await approve(waiting.body.change);
    expect(await read('okta-api')).toMatchObject({ enabled: false, settings: { displayName: 'Shut' } });
    expect(await emergencies('okta-api')).toHaveLength(1);
  });

  it('is removed at once in an emergency, which is recorded, and otherwise with somebody else', async () => {
    const { status, body, confirm } = await remove('/api/v1/connections/new');
    expect(status).toBe(202);
    await expect(approve(body.change)).rejects.toMatchObject({ code: 'confirmation-required' });
    expect((await read('new')).status).toBe('present');
    await approve(body.change, { confirm });
    expect((await read('new')).status).toBe('removed');
    const at = '/api/v1/connections/spare';
    const removed = await remove(at, '&emergency=true', 'breach');
    expect(removed.status).toBe(200);
    const path = `${at}?reason=gone&emergency=true&confirm=${removed.confirm}`;
    expect((await send('DELETE', path, null, 'breach')).status).toBe(200);
    const history = await readHistory(server.path, streamName({ category: 'connection', tenant: 'acme', id: 'spare' }));
    expect(await emergencies('spare')).toMatchObject([
      {
        area: 'connections',
        kind: 'connection',
        reason: 'gone',
        by: 'key:admin-key',
        events: [history.events.at(-1)?.id],
      },
    ]);
  });

  it('changes at once by the configuration file, which is recorded', async () => {
    await want(ONE, [SALES]);
    expect(await emergencies('okta')).toMatchObject([
      { area: 'rules', changed: ['rules'], reason: 'configuration file', events: [expect.any(String)] },
    ]);
  });
});

describe('a privileged role whose tenant wants a second person', () => {
  const role = { application: 'erp', name: 'Administrator', privileged: true, reason };
  beforeAll(() => want(ONE));
  afterAll(() => want(NONE));

  it('comes about, changes and goes with somebody else; ordinary ones wait for nobody', async () => {
    const made = await send('POST', '/api/v1/roles', { id: 'erp.admin', ...role });
    expect(made.status).toBe(202);
    expect((await roleOf('erp.admin')).status).toBe('absent');
    await approve(made.body.change);
    expect(await roleOf('erp.admin')).toMatchObject({ status: 'live', settings: { privileged: true } });
    const changed = await send('PATCH', '/api/v1/roles/erp.admin', { privileged: false, reason });
    const other = await send('PATCH', '/api/v1/roles/erp.admin', { owner: 'olga', reason });
    await approve(changed.body.change);
    expect((await roleOf('erp.admin')).settings?.privileged).toBe(false);
    await expect(approve(other.body.change)).rejects.toMatchObject({ code: 'change-outdated' });
    expect((await send('PATCH', '/api/v1/roles/erp.admin', { risk: 'high', reason })).status).toBe(200);
    expect((await remove('/api/v1/roles/erp.admin')).body.status).toBe('retired');
  });

  it('that the file looks after is taken out of its care with somebody else', async () => {
    expect((await send('PATCH', '/api/v1/roles/crm.writer', { privileged: true, reason })).body.code).toBe(
      'managed-by-config',
    );
    const detached = await send('PATCH', '/api/v1/roles/crm.writer', { privileged: true, detach: true, reason });
    expect(detached.status).toBe(202);
    await approve(detached.body.change);
    expect(await roleOf('crm.writer')).toMatchObject({ managedBy: 'api', settings: { privileged: true } });
  });
});
