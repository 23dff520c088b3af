/** Who may change whose word is taken, over HTTP: keys of a tenant that may write connections, and no more, against those who administer. */
import {
  configure,
  type ProvisioningServer,
  sampleConfiguration,
  signIn,
  startProvisioning,
  temporaryFolder,
} from '../provisioning-server.fixture.js';

jest.setTimeout(60_000);

const reason = 'test';
const OIDC = {
  protocol: 'oidc',
  preset: 'okta-oidc',
  directory: 'staff',
  domains: ['acme.example'],
  jit: { create: true },
  linking: 'verifiedEmail',
  trustEmail: true,
  oidc: { issuer: 'https://acme.okta.example', clientId: 'gatebook', clientSecret: 'correct horse battery staple' },
  rules: [{ id: 'everyone', when: 'always', grant: ['crm.reader'] }],
};
const OAUTH2 = {
  protocol: 'oauth2',
  preset: 'github-oauth2',
  directory: 'staff',
  oauth2: { clientId: 'gatebook', clientSecret: 'another secret of the same tenant' },
};

const folder = temporaryFolder();
let server: ProvisioningServer;
let count = 0;
/** Bears keys of the tenant: one that may only write connections, and one that may do everything there. */
let narrow: string;
let administrator: string;

// biome-ignore lint/suspicious/noExplicitAny: whatever the server answers is compared, never relied on
type Answer = any;

async function send(method: string, path: string, body: object, bearer?: string) {
  count += 1;
  const response = await server.ask(path, {
    method,
    body: JSON.stringify(body),
    headers: {
      'content-type': 'application/json',
      'idempotency-key': `vouching-${count}`,
      ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
    },
  });
  return { status: response.status, body: (await response.json()) as Answer };
}
const create = (id: string, settings: object, more: object = {}, bearer?: string) =>
  send('POST', '/api/v1/connections', { id, settings, reason, ...more }, bearer);
const patch = (id: string, settings: object, bearer?: string, more: object = {}) =>
  send('PATCH', `/api/v1/connections/${id}`, { settings, reason, ...more }, bearer);
const keyOf = async (scopes: string[]): Promise<string> => {
  const body = { name: 'test', tenant: 'acme', scopes, expiresAt: '2099-01-01T00:00:00Z', reason };
  return (await send('POST', '/api/v1/keys', body)).body.secret;
};
const shown = async (id: string) => (await (await server.ask(`/api/v1/connections/${id}`)).json()) as Answer;

beforeAll(async () => {
  server = await startProvisioning(folder.path);
  await configure(server, await sampleConfiguration());
  narrow = await keyOf(['audit:read', 'connections:write']);
  administrator = await keyOf(['audit:read', 'connections:write', 'admin']);
});
afterAll(async () => {
  await server?.close();
  folder.remove();
});

describe('a key of the tenant that may only write connections', () => {
  it.each<[string, object]>([
    ['client of the provider', { oidc: { clientId: 'another' } }],
    ['proof of addresses', { trustEmail: false }],
    ['rule of linking', { linking: 'userName' }],
    ['notices', { signals: { issuer: 'https://evil.example', jwksUri: 'https://evil.example', audiences: ['a'] } }],
    ['claim of the address', { attributes: { email: 'nickname' } }],
  ])('cannot change the %s of a connection that people come through', async (_what, change) => {
    count += 1;
    const id = `relied-${count}`;
    await create(id, { ...OIDC, domainOwnership: 'operator' }, { enabled: true });
    for (const more of [{}, { dryRun: true }]) {
      const refused = await patch(id, change, narrow, more);
      expect([refused.status, refused.body.code]).toEqual([403, 'vouching-refused']);
    }
    const held = await patch(id, change);
    expect([held.status, held.body.code]).toEqual([409, 'confirmation-required']);
    const done = await patch(id, change, undefined, { confirm: held.body.details.confirm });
    expect([done.status, done.body.settings.domainOwnership]).toEqual([200, 'operator']);
  });

  it('cannot take a connection out of the file, nor switch it off first to change it then', async () => {
    const detach = { detach: true };
    expect((await patch('okta', { displayName: 'Okta' }, narrow, detach)).body.code).toBe('vouching-refused');
    const settings = { ...OIDC, jit: { create: true, allowedDomains: [] }, attributes: { userName: 'nameId' } };
    await create('was-linked', settings, { enabled: true });
    await signIn(server, 'ada', ['sales'], { connection: 'was-linked' });
    await send('POST', '/api/v1/connections/was-linked/disable', { reason }, narrow);
    const refused = await patch('was-linked', { linking: 'userName' }, narrow);
    expect([refused.status, refused.body.code]).toEqual([403, 'vouching-refused']);
  });

  it('cannot set up a connection that joins its people to accounts which others made', async () => {
    const refused = await create('joining', OIDC, {}, narrow);
    expect([refused.status, refused.body.code]).toEqual([403, 'vouching-refused']);
    expect((await create('joining', OIDC, {}, administrator)).status).toBe(201);
    expect((await patch('joining', { oidc: { clientId: 'another' } }, narrow)).body.code).toBe('vouching-refused');
  });

  it('may still do what changes nobody’s word, and set up what nobody has come through yet', async () => {
    expect((await create('set-up', { ...OIDC, linking: 'none' }, {}, narrow)).status).toBe(201);
    expect((await patch('set-up', { oidc: { clientId: 'another' } }, narrow)).status).toBe(200);
    await send('POST', '/api/v1/connections/set-up/enable', { reason }, narrow);
    expect((await patch('set-up', { displayName: 'Acme', oidc: { clientSecret: 'new' } }, narrow)).status).toBe(200);
  });
});

describe('an administrator of the tenant', () => {
  it('confirms the change, and what the operator said of the domains holds no longer', async () => {
    await create('vouched', { ...OIDC, domainOwnership: 'operator' }, { enabled: true });
    expect((await shown('vouched')).ownedDomains).toEqual(['acme.example']);
    expect((await patch('vouched', { displayName: 'Acme' }, administrator)).body.ownedDomains).toEqual([
      'acme.example',
    ]);
    const held = await patch('vouched', { oidc: { clientId: 'another' } }, administrator);
    expect([held.status, held.body.code]).toEqual([409, 'confirmation-required']);
    const { confirm } = held.body.details;
    const done = await patch('vouched', { oidc: { clientId: 'another' } }, administrator, { confirm });
    expect([done.status, done.body.settings.domainOwnership, done.body.ownedDomains]).toEqual([200, 'dns', []]);
  });
});

describe('the issuer of a connection', () => {
  it('cannot be changed by anybody, not even before somebody came', async () => {
    await create('issued', OIDC);
    for (const bearer of [narrow, administrator, undefined]) {
      const { status, body } = await patch('issued', { oidc: { issuer: 'https://evil.example' } }, bearer);
      expect([status, body.code]).toEqual([409, 'connection-source-fixed']);
    }
    expect((await shown('issued')).settings.oidc.issuer).toBe('https://acme.okta.example');
  });

  it('cannot be changed by the configuration either, which says where', async () => {
    const text = await sampleConfiguration();
    const saml = /"protocol":"saml"/;
    const oidc = '"protocol":"jwt","jwt":{"issuer":"a","jwksUri":"https://a.example","audiences":["b"]}';
    const yaml = text.replace(saml, oidc).replace(/"saml":\{.*?\},"attributes"/, '"attributes"');
    const { status, body } = await send('POST', '/api/v1/configuration', { yaml, reason });
    expect([status, body.code]).toEqual([400, 'configuration-invalid']);
    expect(body.detail).toContain('tenants[0].connections[0].protocol: is not what it was when okta was made');
  });
});

describe('a secret that is named by its fingerprint', () => {
  it('is not another connection’s to use', async () => {
    const { body } = await create('holds', OIDC);
    const fingerprint = body.settings.oidc.clientSecret;
    const evil = { ...OAUTH2, oauth2: { ...OAUTH2.oauth2, clientSecret: fingerprint } };
    const thief = await create('thief', evil, {}, narrow);
    expect([thief.status, thief.body.code]).toEqual([400, 'configuration-invalid']);
    expect(thief.body.detail).toContain('oauth2.clientSecret: names a secret that does not stand here');
    await create('thief', OAUTH2, {}, narrow);
    expect((await patch('thief', { oauth2: { clientSecret: fingerprint } }, narrow)).status).toBe(400);
    const moved = { signals: { bearer: (await shown('thief')).settings.oauth2.clientSecret } };
    expect((await patch('thief', moved, narrow)).body.detail).toContain('signals.bearer: names a secret');
  });

  it('is not sent to another address than it was stored for: there it must be sent anew', async () => {
    await create('sends', OAUTH2);
    const kept = { oauth2: { clientSecret: (await shown('sends')).settings.oauth2.clientSecret } };
    expect((await patch('sends', kept)).status).toBe(200);
    const elsewhere = { oauth2: { tokenUrl: 'https://evil.example/token' } };
    const { status, body } = await patch('sends', elsewhere);
    expect([status, body.detail]).toEqual([400, expect.stringContaining('oauth2.clientSecret: must be sent anew')]);
    const anew = { oauth2: { ...elsewhere.oauth2, clientSecret: 'a secret for that place' } };
    expect((await patch('sends', anew)).status).toBe(200);
  });
});
