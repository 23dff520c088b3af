/** Connections that are looked after through the API, over HTTP: what is kept, what is refused, what has to be confirmed. */
import {
  configure,
  eventually,
  type ProvisioningServer,
  rolesOf,
  SALES,
  sampleConfiguration,
  signIn,
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

const folder = temporaryFolder();
let server: ProvisioningServer;
let number = 0;
const key = () => {
  number += 1;
  return `test-${number}`;
};
const reason = 'test';

beforeAll(async () => {
  server = await startProvisioning(folder.path);
  await configure(server, await sampleConfiguration({ maxLossPercent: 10 }));
});
afterAll(async () => {
  await server?.close();
  folder.remove();
});

// biome-ignore lint/suspicious/noExplicitAny: whatever the server answers is compared, never relied on
type Answer = any;
const json = async (response: Response) => ({ status: response.status, body: (await response.json()) as Answer });
const create = async (body: object, idempotencyKey = key()) =>
  json(await server.post('/api/v1/connections', { settings: OIDC, reason, ...body }, idempotencyKey));
const send = async (method: string, path: string, body: object | null, headers: Record<string, string> = {}) =>
  json(
    await server.ask(path, {
      method,
      ...(body ? { body: JSON.stringify(body) } : {}),
      headers: { 'content-type': 'application/json', 'idempotency-key': key(), ...headers },
    }),
  );
const patch = (id: string, settings: object, more: object = {}, headers: Record<string, string> = {}) =>
  send('PATCH', `/api/v1/connections/${id}`, { settings, reason, ...more }, headers);
const keyOf = async (scopes: string[], tenant: string | null = 'acme') => {
  const body = { name: 'test', scopes, expiresAt: '2099-01-01T00:00:00Z', reason, ...(tenant ? { tenant } : {}) };
  return ((await json(await server.post('/api/v1/keys', body, key()))).body as { secret: string }).secret;
};

describe('a connection that is made through the API', () => {
  it('is written out by its preset, admits nobody yet, and shows its secret to nobody', async () => {
    const { status, body } = await create({ id: 'made' });
    expect(status).toBe(201);
    expect(body).toMatchObject({ id: 'made', tenant: 'acme', enabled: false, version: 1, managedBy: 'api' });
    expect(body.settings).toMatchObject({
      preset: 'okta-oidc',
      domainOwnership: 'dns',
      groups: { attribute: 'groups' },
    });
    expect(body.settings.oidc.clientSecret).toMatch(/^hmac:[0-9a-f]{64}$/);
    expect(body.redirectUri).toMatch(/\/login\/made\/callback$/);
    expect(body.ownedDomains).toEqual([]);
    const kept = await server.path.store.readStream('connection-acme+made', {});
    expect(JSON.stringify(kept)).not.toContain(SECRET);
    expect(server.logged.join('')).not.toContain(SECRET);
  });

  it('is made once, however often the request is repeated', async () => {
    const once = await create({ id: 'once' }, 'the-same-key');
    expect(await create({ id: 'once' }, 'the-same-key')).toEqual(once);
    expect((await create({ id: 'once' })).body.code).toBe('connection-exists');
    expect((await create({ id: 'once', enabled: true }, 'the-same-key')).body.code).toBe('idempotency-key-reused');
  });

  it.each<[string, object, string]>([
    ['an unknown key', { colour: 'red' }, 'colour: is not a known key'],
    ['an unknown preset', { preset: 'yahoo' }, 'preset: yahoo is not a preset; there are adfs-saml'],
    [
      'a block of another protocol',
      { jwt: { issuer: 'a', jwksUri: 'https://a.example', audiences: ['b'] } },
      'jwt: has no place here',
    ],
    ['a directory that is none', { directory: 'guests' }, 'directory: guests is not a directory of this tenant'],
    ['a reference to the host', { displayName: 'env:GATEBOOK_SECRET_A' }, 'displayName: file: and env: can be used in'],
    ['a file of the host', { logo: 'file:/etc/passwd' }, 'logo: file: and env: can be used in'],
  ])('is refused for %s, and nothing is recorded', async (_what, change, problem) => {
    const { status, body } = await create({ id: 'refused', settings: { ...OIDC, ...change } });
    expect([status, body.code]).toEqual([400, 'configuration-invalid']);
    expect(body.detail).toContain(problem);
    expect((await json(await server.ask('/api/v1/connections/refused'))).status).toBe(404);
  });

  it('cannot name the fingerprint of a secret that is not there', async () => {
    const settings = { ...OIDC, oidc: { ...OIDC.oidc, clientSecret: `hmac:${'0'.repeat(64)}` } };
    expect((await create({ id: 'guessed', settings })).status).toBeGreaterThanOrEqual(400);
  });
});

describe('a change through the API', () => {
  beforeAll(() => create({ id: 'changed' }));

  it('keeps what it does not name, the secret too', async () => {
    const before = (await json(await server.ask('/api/v1/connections/changed'))).body;
    const { status, body } = await patch('changed', { displayName: 'Acme staff' });
    expect(status).toBe(200);
    expect(body.version).toBe(before.version + 1);
    expect(body.settings).toEqual({ ...before.settings, displayName: 'Acme staff' });
  });

  it('is made from a version, and refused from an older one', async () => {
    const { body } = await json(await server.ask('/api/v1/connections/changed'));
    const stale = await patch('changed', { displayName: 'Other' }, {}, { 'if-match': `"${body.version - 1}"` });
    expect([stale.status, stale.body.code]).toEqual([412, 'connection-stale']);
    const fresh = await patch('changed', { displayName: 'Other' }, {}, { 'if-match': `"${body.version}"` });
    expect(fresh.status).toBe(200);
  });

  it('does not bring back what was taken out of the preset', async () => {
    expect((await patch('changed', { attributes: { department: null } })).body.settings.attributes).not.toHaveProperty(
      'department',
    );
    expect((await patch('changed', { displayName: 'Again' })).body.settings.attributes).not.toHaveProperty(
      'department',
    );
  });

  it('of what the file manages is refused, unless it detaches', async () => {
    expect((await patch('okta', { displayName: 'Okta' })).body.code).toBe('managed-by-config');
    const tried = await patch('okta', { displayName: 'Okta' }, { detach: true, dryRun: true });
    expect(tried.body).toMatchObject({ confirm: expect.any(String), losses: [] });
    expect(tried.body.warnings).toEqual([expect.stringContaining('(managedBy)')]);
    expect((await json(await server.ask('/api/v1/connections/okta'))).body.managedBy).toBe('config');
  });

  it('opens and closes the connection', async () => {
    const on = await send('POST', '/api/v1/connections/changed/enable', { reason });
    expect([on.status, on.body.enabled]).toEqual([200, true]);
    const off = await send('POST', '/api/v1/connections/changed/disable', { reason });
    expect([off.status, off.body.enabled]).toEqual([200, false]);
  });
});

describe('a change that takes roles from people', () => {
  it('waits for confirmation, also when it detaches from the file, and then takes them', async () => {
    await signIn(server, 'gil', ['sales']);
    await eventually(() => rolesOf(server, 'gil'), ['crm.reader', 'crm.writer']);
    const rules = [{ id: 'everyone', when: 'always', grant: ['crm.reader'] }];
    const held = await patch('okta', { rules }, { detach: true });
    expect([held.status, held.body.code]).toEqual([409, 'confirmation-required']);
    const { confirm } = held.body.details;
    expect(await rolesOf(server, 'gil')).toEqual(['crm.reader', 'crm.writer']);
    const done = await patch('okta', { rules }, { detach: true, confirm });
    expect([done.status, done.body.managedBy]).toEqual([200, 'api']);
    await eventually(() => rolesOf(server, 'gil'), ['crm.reader']);
    expect((await patch('okta', { rules: [...rules, SALES] })).status).toBe(200);
  });

  it('is a removal as well: it needs confirmation, and ends every grant of the connection', async () => {
    const held = await send('DELETE', '/api/v1/connections/okta?reason=test', null);
    expect(held.body.code).toBe('confirmation-required');
    const gone = await send(
      'DELETE',
      `/api/v1/connections/okta?reason=test&confirm=${held.body.details.confirm}`,
      null,
    );
    expect([gone.status, gone.body.status]).toEqual([200, 'removed']);
    await eventually(() => rolesOf(server, 'gil'), []);
  });
});

describe('a key that may write connections', () => {
  const as = (secret: string) => ({ authorization: `Bearer ${secret}` });

  it('of a tenant gives no right by a rule that it does not have itself', async () => {
    const secret = await keyOf(['audit:read', 'connections:write']);
    const rules = [{ id: 'admins', when: 'always', grant: ['gatebook.admin'] }];
    const body = { id: 'ladder', settings: { ...OIDC, rules }, reason };
    expect((await send('POST', '/api/v1/connections', body, as(secret))).status).toBe(403);
    expect((await send('POST', '/api/v1/connections', { ...body, settings: OIDC }, as(secret))).status).toBe(201);
  });

  it('of a tenant cannot assert that domains are its own; one of the installation can', async () => {
    const settings = { ...OIDC, domainOwnership: 'operator' };
    const secret = await keyOf(['audit:read', 'connections:write']);
    const refused = await send('POST', '/api/v1/connections', { id: 'asserted', settings, reason }, as(secret));
    expect([refused.status, refused.body.code]).toEqual([403, 'domain-ownership-refused']);
    const { body } = await create({ id: 'asserted', settings });
    expect(body.ownedDomains).toEqual(['acme.example']);
    const more = await send(
      'PATCH',
      '/api/v1/connections/asserted',
      { settings: { domains: ['acme.example', 'globex.example'] }, reason },
      as(secret),
    );
    expect(more.body.code).toBe('domain-ownership-refused');
  });

  it('must be one: reading is not writing', async () => {
    const secret = await keyOf(['audit:read']);
    expect((await send('PATCH', '/api/v1/connections/made', { settings: {}, reason }, as(secret))).status).toBe(403);
  });
});

describe('domains of a connection', () => {
  it('are shown with the record that proves them', async () => {
    const { body } = await json(await server.ask('/api/v1/connections/made/domains'));
    expect(body.items).toEqual([
      {
        domain: 'acme.example',
        owned: false,
        ownership: 'dns',
        recordName: '_gatebook-challenge.acme.example',
        recordValue: expect.stringMatching(/^gatebook-domain-verification=[0-9a-f]{64}$/),
      },
    ]);
  });

  it('that the connection does not name cannot be proven', async () => {
    const { body } = await send('POST', '/api/v1/connections/made/domains/globex.example/prove', null);
    expect(body.code).toBe('domain-not-named');
  });
});

describe('a test of a connection', () => {
  it('says what works and what does not, and changes nothing', async () => {
    const settings = { ...OIDC, oidc: { ...OIDC.oidc, issuer: 'https://127.0.0.1' } };
    await create({ id: 'tried', settings });
    const before = await server.path.store.head();
    const { status, body } = await send('POST', '/api/v1/connections/tried/test', null);
    expect(status).toBe(200);
    expect(body.passed).toBe(false);
    expect(body.checks.map(({ check, passed }: Answer) => [check, passed])).toEqual([
      ['settings', true],
      ['discovery', false],
      ['domain acme.example', false],
    ]);
    expect(await server.path.store.head()).toBe(before);
  });
});

describe('roles that are made through the API', () => {
  it('are made, changed and retired, each once, and never those of Gatebook itself', async () => {
    const made = await send('POST', '/api/v1/roles', { id: 'erp.clerk', application: 'erp', name: 'Clerk', reason });
    expect([made.status, made.body.managedBy, made.body.risk]).toEqual([201, 'api', 'low']);
    const again = await send('POST', '/api/v1/roles', { id: 'erp.clerk', application: 'erp', name: 'Clerk', reason });
    expect(again.body.code).toBe('role-exists');
    const changed = await send('PATCH', '/api/v1/roles/erp.clerk', { risk: 'high', reason });
    expect(changed.body).toMatchObject({ risk: 'high', name: 'Clerk' });
    const held = await send('DELETE', '/api/v1/roles/erp.clerk?reason=test', null);
    expect(held.body.code).toBe('confirmation-required');
    const { confirm } = held.body.details;
    const gone = await send('DELETE', `/api/v1/roles/erp.clerk?reason=test&confirm=${confirm}`, null);
    expect([gone.status, gone.body.status]).toEqual([200, 'retired']);
    const own = { id: 'gatebook.god', application: 'gatebook', name: 'God', reason };
    expect((await send('POST', '/api/v1/roles', own)).body.code).toBe('role-built-in');
    expect((await send('PATCH', '/api/v1/roles/crm.reader', { risk: 'high', reason })).body.code).toBe(
      'managed-by-config',
    );
    const detached = await send('PATCH', '/api/v1/roles/crm.reader', { risk: 'high', detach: true, reason });
    expect(detached.body).toMatchObject({ managedBy: 'api', risk: 'high' });
  });
});
