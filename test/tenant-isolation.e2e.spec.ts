import { BrowserLess } from './support/browser-less.js';
import { api, eventually, type Installation, signIn, startInstallation, wholeLog } from './support/installation.js';

type Operation = { readonly method: string; readonly path: string; readonly operation: OpenApiOperation };
interface OpenApiOperation {
  readonly security?: readonly Record<string, unknown>[];
  readonly parameters?: readonly { name: string; in: string; required?: boolean; schema?: { format?: string } }[];
  readonly requestBody?: { content?: { 'application/json'?: { schema?: { $ref?: string } } } };
}

// Goal: nothing crosses tenants. Method: every operation that OpenAPI knows is called with another tenant's key on this tenant's ids.
describe('another tenant’s key', () => {
  let installation: Installation;
  let foreign: string;
  let ids: Record<string, string>;
  let document: {
    paths: Record<string, Record<string, OpenApiOperation>>;
    components: {
      schemas: Record<
        string,
        { example?: unknown; properties?: Record<string, { example?: unknown }>; required?: string[] }
      >;
    };
  };

  beforeAll(async () => {
    installation = await startInstallation();
    const { server } = installation;
    await signIn(new BrowserLess(), installation, { nameId: 'ada', email: 'ada@acme.example', groups: ['crm-admins'] });
    const accounts = await eventually(
      () => api(server, '/api/v1/accounts?tenant=acme'),
      ({ body }) => body.items.length === 1,
    );
    const account = accounts.body.items[0].id;
    const access = await eventually(
      () => api(server, `/api/v1/access?tenant=acme&account=${account}`),
      ({ body }) => body.items.length === 2,
    );
    const events = (await wholeLog(server)).filter(({ tenant }) => tenant === 'acme');
    const key = await api(server, '/api/v1/keys', { method: 'POST', body: keyOf('acme') });
    ids = {
      account,
      grant: access.body.items[0].id,
      event: events[0]?.id ?? '',
      key: key.body.id,
      connection: 'corp',
      role: 'acme.only',
    };
    const other = await api(server, '/api/v1/keys', { method: 'POST', body: keyOf('globex') });
    foreign = other.body.secret;
    await api(server, `/api/v1/events?minPosition=${other.body.positionToken}`);
    document = (await api(server, '/openapi.json')).body;
  }, 60_000);
  afterAll(() => installation?.server.stop());

  const keyOf = (tenant: string) => ({
    name: 'test',
    tenant,
    scopes: ['audit:read', 'personal:read', 'accounts:write', 'connections:write', 'admin'],
    expiresAt: '2099-01-01T00:00:00Z',
    reason: 'isolation test',
  });

  const guarded = (): Operation[] =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, operation]) => (operation.security ?? []).length > 0)
        .map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
    );

  it('finds 404 on every operation that names something of this tenant, and 404 wherever it names this tenant', async () => {
    const before = (await wholeLog(installation.server)).length;
    const withIds = guarded().filter(({ path }) => path.includes('{'));
    const naming = guarded().filter(
      ({ path, operation }) => !path.includes('{') && operation.parameters?.some(({ name }) => name === 'tenant'),
    );
    expect(withIds.length).toBeGreaterThanOrEqual(8);
    expect(naming.length).toBeGreaterThanOrEqual(3);
    const results: [string, number][] = [];
    for (const { method, path, operation } of withIds)
      results.push([`${method} ${path}`, await statusOf(method, concrete(path, operation), operation)]);
    for (const { method, path, operation } of naming) {
      const url = concrete(path, operation);
      const asked = `${url}${url.includes('?') ? '&' : '?'}tenant=acme`;
      results.push([`${method} ${path}`, await statusOf(method, asked, operation)]);
    }
    expect(results.filter(([, status]) => status !== 404)).toEqual([]);
    expect((await wholeLog(installation.server)).length).toBe(before);
  }, 60_000);

  it('sees in lists only what is its own', async () => {
    for (const path of ['/api/v1/accounts', '/api/v1/access', '/api/v1/events', '/api/v1/link-proposals']) {
      const { status, body } = await api(installation.server, path, { key: foreign });
      expect([path, status]).toEqual([path, 200]);
      expect(JSON.stringify(body)).not.toContain('acme');
      expect(JSON.stringify(body)).not.toContain(ids['account']);
    }
  });

  it('is not simply broken: the same operations answer the owner', async () => {
    for (const path of [
      `/api/v1/accounts/${ids['account']}`,
      `/api/v1/access/${ids['grant']}/why`,
      `/api/v1/events/${ids['event']}`,
      `/api/v1/keys/${ids['key']}`,
    ]) {
      expect([path, (await api(installation.server, path)).status]).toEqual([path, 200]);
    }
  });

  function concrete(path: string, operation: OpenApiOperation): string {
    const noun = path.split('/')[3] ?? '';
    const own: Record<string, string | undefined> = {
      accounts: ids['account'],
      access: ids['grant'],
      events: ids['event'],
      keys: ids['key'],
      connections: ids['connection'],
      roles: ids['role'],
    };
    const filled = path
      .replace('{grant}', ids['grant'] ?? '')
      .replace('/withholdings/{role}', '/withholdings/acme.only')
      .replace(/\{[a-zA-Z]+\}/, own[noun] ?? 'unknown');
    const query = operation.parameters?.filter((parameter) => parameter.in === 'query' && parameter.required) ?? [];
    const sampleOf = ({ schema }: (typeof query)[number]) => (schema?.format === 'uuid' ? ids['account'] : 'test');
    return query.length === 0 ? filled : `${filled}?${query.map((each) => `${each.name}=${sampleOf(each)}`).join('&')}`;
  }

  async function statusOf(method: string, path: string, operation: OpenApiOperation): Promise<number> {
    const body = method === 'GET' || method === 'DELETE' ? undefined : bodyOf(operation);
    return (await api(installation.server, path, { key: foreign, method, body })).status;
  }

  /** A body that is right in itself, from the examples of the documentation: only the tenant is wrong. */
  function bodyOf(operation: OpenApiOperation): unknown {
    const name = operation.requestBody?.content?.['application/json']?.schema?.$ref?.split('/').at(-1) ?? '';
    const { properties = {}, required = [] } = document.components.schemas[name] ?? {};
    return Object.fromEntries(required.map((field) => [field, properties[field]?.example]));
  }
});
