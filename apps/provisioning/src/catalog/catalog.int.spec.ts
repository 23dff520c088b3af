/** Connections and roles can be looked at, as they stand, by those who may. */
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
  const text = await sampleConfiguration({ connections: ['okta', 'entra'] });
  await configure(server, text.replace('"name":"crm.writer"', '"name":"CRM writer","owner":"ada@acme.example"'));
});
afterAll(async () => {
  await server.close();
  folder.remove();
});

const read = async <T>(path: string, headers?: Record<string, string>) =>
  (await (await server.ask(path, headers ? { headers } : {})).json()) as T;

interface List {
  readonly items: readonly { readonly id: string }[];
  readonly nextCursor: string | null;
  readonly position: number;
}

describe('the catalogue', () => {
  it('lists connections by id, page by page', async () => {
    const first = await read<List>('/api/v1/connections?limit=1');
    expect(first.items.map(({ id }) => id)).toEqual(['entra']);
    const second = await read<List>(`/api/v1/connections?limit=1&cursor=${first.nextCursor}`);
    expect(second).toMatchObject({ items: [{ id: 'okta' }], nextCursor: null, position: expect.any(Number) });
  });

  it('says where an identity provider finds Gatebook', async () => {
    expect(await read('/api/v1/connections/okta')).toMatchObject({
      id: 'okta',
      tenant: 'acme',
      version: 1,
      settings: {
        rules: [
          { id: 'everyone', version: 1 },
          { id: 'sales', version: 1 },
        ],
      },
      serviceProvider: { acsUrl: 'http://localhost:3000/saml/okta/acs' },
    });
  });

  it('shows an owner only to those who may see personal data', async () => {
    expect(await read('/api/v1/roles/crm.writer')).toMatchObject({ owner: 'ada@acme.example', status: 'live' });
    const key = { name: 'k', scopes: ['audit:read'], expiresAt: '2099-01-01T00:00:00Z', reason: 'test' };
    const { secret } = (await (await server.post('/api/v1/keys', key)).json()) as { secret: string };
    const role = await read('/api/v1/roles/crm.writer', { authorization: `Bearer ${secret}` });
    expect(role).toMatchObject({ owner: '[withheld]' });
  });

  it.each(['/api/v1/connections/absent', '/api/v1/roles/absent'])('does not know %s', async (path) => {
    expect((await server.ask(path)).status).toBe(404);
  });
});
