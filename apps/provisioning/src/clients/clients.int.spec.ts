/** Applications are administered: made with a secret that is shown once, changed from the version that was read, removed for good. */
import {
  configure,
  type ProvisioningServer,
  sampleConfiguration,
  startProvisioning,
  temporaryFolder,
} from '../provisioning-server.fixture.js';

jest.setTimeout(60_000);

const folder = temporaryFolder();
let server: ProvisioningServer;
beforeAll(async () => {
  server = await startProvisioning(folder.path);
  await configure(server, await sampleConfiguration({ connections: ['okta'] }));
});
afterAll(async () => {
  await server.close();
  folder.remove();
});

type Shown = Record<string, unknown> & {
  readonly clientSecret?: string;
  readonly version: number;
  readonly code?: string;
};

let requests = 0;
const send = async (method: string, path: string, body?: object, headers: Record<string, string> = {}) => {
  requests += 1;
  const answer = await server.ask(path, {
    method,
    ...(body ? { body: JSON.stringify(body) } : {}),
    headers: {
      ...(body ? { 'content-type': 'application/json' } : {}),
      'idempotency-key': `request-${requests}`,
      ...headers,
    },
  });
  return { status: answer.status, body: (await answer.json()) as Shown };
};
const crm = (clientId: string, over: object = {}) => ({
  clientId,
  redirectUris: ['https://crm.acme.example/callback'],
  rolesOf: 'crm',
  connections: ['okta'],
  reason: 'test',
  ...over,
});
const make = (clientId: string, over: object = {}) => send('POST', '/api/v1/clients', crm(clientId, over));

describe('a client', () => {
  it('that several change at the same moment loses no change that was accepted', async () => {
    await make('contended');
    const changes = [
      { name: 'Contended' },
      { admitWithoutRole: true },
      { refresh: false },
      { redirectUris: ['https://other.acme.example/'] },
    ];
    const path = '/api/v1/clients/contended';
    const answers = await Promise.all(changes.map((change) => send('PATCH', path, { ...change, reason: 'test' })));
    const accepted = changes.filter((_change, index) => answers[index]?.status === 200);
    const refused = answers.filter(({ status }) => status !== 200).map(({ status, body }) => [status, body.code]);
    expect(refused).toEqual(refused.map(() => [412, 'client-stale']));
    expect(accepted.length).toBeGreaterThan(0);
    const { body } = await send('GET', path);
    expect(body).toMatchObject({ ...Object.assign({}, ...accepted), version: 1 + accepted.length });
  });

  it('is made with a secret that is shown once and kept nowhere', async () => {
    const { status, body } = await make('shown');
    expect([status, body]).toEqual([
      201,
      expect.objectContaining({
        clientId: 'shown',
        version: 1,
        managedBy: 'api',
        clientSecret: expect.stringMatching(/^[\w-]{43}$/),
      }),
    ]);
    const again = await send('GET', '/api/v1/clients/shown');
    expect(again.body).not.toHaveProperty('clientSecret');
    expect(JSON.stringify(again.body)).not.toContain('hmac:');
    expect(server.logged.join()).not.toContain(body.clientSecret);
  });

  it('is made once by a repeated request, which does not show the secret again', async () => {
    const headers = { 'idempotency-key': 'the-same' };
    const first = await send('POST', '/api/v1/clients', crm('repeated'), headers);
    const second = await send('POST', '/api/v1/clients', crm('repeated'), headers);
    expect([first.status, second.status, second.body.version]).toEqual([201, 201, 1]);
    expect(second.body).not.toHaveProperty('clientSecret');
  });

  it('that is public has no secret', async () =>
    expect((await make('public', { tokenEndpointAuthMethod: 'none' })).body).not.toHaveProperty('clientSecret'));

  it('is changed from the version that was read', async () => {
    await make('versioned');
    const change = { refresh: false, reason: 'test' };
    expect((await send('PATCH', '/api/v1/clients/versioned', change, { 'if-match': '"2"' })).body.code).toBe(
      'client-stale',
    );
    const { status, body } = await send('PATCH', '/api/v1/clients/versioned', change, { 'if-match': '"1"' });
    expect([status, body]).toEqual([
      200,
      expect.objectContaining({ version: 2, refresh: false, redirectUris: crm('x').redirectUris }),
    ]);
    expect(body).not.toHaveProperty('clientSecret');
    expect((await send('PATCH', '/api/v1/clients/versioned', change, { 'if-match': 'x' })).status).toBe(400);
  });

  it('gets another secret when asked to, and one when it becomes confidential', async () => {
    const { body: before } = await make('renewed');
    const { body: after } = await send('PATCH', '/api/v1/clients/renewed', { newSecret: true, reason: 'leaked' });
    expect(after.clientSecret).toMatch(/^[\w-]{43}$/);
    expect(after.clientSecret).not.toBe(before.clientSecret);
    await make('grown-up', { tokenEndpointAuthMethod: 'none' });
    const change = { tokenEndpointAuthMethod: 'client_secret_basic', reason: 'has a server now' };
    expect((await send('PATCH', '/api/v1/clients/grown-up', change)).body.clientSecret).toBeDefined();
  });

  it('is removed for good', async () => {
    await make('gone');
    expect((await send('DELETE', '/api/v1/clients/gone?reason=test')).body).toMatchObject({ status: 'removed' });
    expect((await make('gone')).body.code).toBe('client-id-taken');
    expect((await send('PATCH', '/api/v1/clients/gone', { reason: 'test' })).body.code).toBe('client-not-found');
    const { body } = await send('GET', '/api/v1/clients');
    expect((body['items'] as Shown[]).map(({ clientId }) => clientId)).not.toContain('gone');
  });

  it.each([
    ['another site’s wildcard', { redirectUris: ['https://*.acme.example/'] }],
    ['an address in clear', { redirectUris: ['http://crm.acme.example/'] }],
    ['a fragment', { redirectUris: ['https://crm.acme.example/#a'] }],
    ['no address', { redirectUris: [] }],
    ['an unknown connection', { connections: ['nobody'] }],
    ['an application without roles', { rolesOf: 'wiki' }],
    ['a secret of one’s own', { clientSecret: 'chosen-by-the-caller' }],
    ['no reason', { reason: '' }],
  ])('is refused with %s', async (_what, over) => {
    expect(await make('refused', over)).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
    expect((await send('GET', '/api/v1/clients/refused')).status).toBe(404);
  });

  it('is administered by those who may', async () => {
    const key = { name: 'k', scopes: ['audit:read'], expiresAt: '2099-01-01T00:00:00Z', reason: 'test' };
    const { secret } = (await (await server.post('/api/v1/keys', key)).json()) as { secret: string };
    const headers = { authorization: `Bearer ${secret}` };
    expect((await send('POST', '/api/v1/clients', crm('mine'), headers)).status).toBe(403);
    expect((await send('GET', '/api/v1/clients', undefined, headers)).status).toBe(200);
  });
});
