import { startWithApplications } from './support/applications.js';
import { BrowserLess } from './support/browser-less.js';
import { api, eventually, type Installation, signIn, wholeLog } from './support/installation.js';

type Operation = { readonly method: string; readonly path: string; readonly operation: OpenApiOperation };
interface OpenApiOperation {
  readonly security?: readonly Record<string, unknown>[];
  readonly parameters?: readonly {
    name: string;
    in: string;
    required?: boolean;
    schema?: { format?: string; type?: string };
  }[];
  readonly requestBody?: { content?: { 'application/json'?: { schema?: { $ref?: string } } } };
}

interface OpenApiProperty {
  readonly example?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly type?: string;
}

// Goal: nothing crosses tenants. Method: every operation that OpenAPI knows is called with another tenant's key on this tenant's ids.
const POLICIES = [
  '{ id: privileged-grants, kind: review, triggers: [privilegedRoleGranted], reviewers: [boss@acme.example], due: P7D }',
  '{ id: elevate-crm, kind: elevation, roles: [crm.admin], maxDuration: PT1H, approvers: [boss@acme.example], approvals: 1 }',
  '{ id: apart, kind: sod, roles: [[crm.admin], [crm.reader]] }',
];

/** The id of a policy is unique in its tenant only: with its own key this makes one of the caller's own. */
const MAKES_OWN = 'PUT /api/v1/policies/{id}';

describe('another tenant’s key', () => {
  let installation: Installation;
  let foreign: string;
  let ids: Record<string, string>;
  let document: {
    paths: Record<string, Record<string, OpenApiOperation>>;
    components: {
      schemas: Record<string, { example?: unknown; properties?: Record<string, OpenApiProperty>; required?: string[] }>;
    };
  };

  beforeAll(async () => {
    installation = await startWithApplications(null, [], [], POLICIES);
    const { server } = installation;
    await signIn(new BrowserLess(), installation, { nameId: 'boss', email: 'boss@acme.example' });
    await signIn(new BrowserLess(), installation, { nameId: 'ada', email: 'ada@acme.example', groups: ['crm-admins'] });
    const accounts = await eventually(
      () => api(server, '/api/v1/accounts?tenant=acme'),
      ({ body }) => body.items.length === 2,
    );
    const [boss, account] = [/^boss/, /^ada/].map(
      (name) => accounts.body.items.find(({ userName }: { userName: string }) => name.test(userName)).id,
    );
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
      ...(await governed(account, boss)),
    };
    const other = await api(server, '/api/v1/keys', { method: 'POST', body: keyOf('globex') });
    foreign = other.body.secret;
    await api(server, `/api/v1/events?minPosition=${other.body.positionToken}`);
    await signIn(new BrowserLess(), installation, { nameId: 'zoe', email: 'zoe@globex.example' }, {}, 'globex-sso');
    const strangers = await eventually(
      () => api(server, '/api/v1/accounts?tenant=globex'),
      ({ body }) => body.items.length === 1,
    );
    ids['stranger'] = strangers.body.items[0].id;
    const body = { role: 'gatebook.admin', reason: 'isolation test' };
    const given = await api(server, `/api/v1/accounts/${ids['stranger']}/grants?tenant=globex`, {
      method: 'POST',
      body,
    });
    await api(server, `/api/v1/events?tenant=globex&minPosition=${given.body.positionToken}`);
    document = (await api(server, '/openapi.json')).body;
  }, 60_000);
  afterAll(() => installation?.server.stop());

  /** Something of each noun of governance that belongs to acme. */
  async function governed(account: string, boss: string): Promise<Record<string, string>> {
    const { server } = installation;
    const post = async (path: string, body: object) =>
      (await api(server, `${path}?tenant=acme`, { method: 'POST', body })).body.id;
    const first = async (path: string) =>
      (
        await eventually(
          () => api(server, `${path}?tenant=acme`),
          ({ body }) => body.items.length > 0,
        )
      ).body.items[0].id;
    const reason = 'isolation test';
    const until = new Date(Date.now() + 86_400_000).toISOString();
    return {
      item: await first('/api/v1/review-items'),
      review: await first('/api/v1/access-reviews'),
      finding: await first('/api/v1/findings'),
      elevation: await post('/api/v1/elevations', { account, role: 'crm.admin', duration: 'PT1H', reason }),
      exception: await post('/api/v1/sod-exceptions', {
        account,
        policy: 'apart',
        owner: 'boss@acme.example',
        control: 'Weekly report.',
        until,
        reason,
        actAs: boss,
      }),
      report: (
        await api(server, '/api/v1/reports', {
          method: 'POST',
          body: { tenant: 'acme', kind: 'access', formats: ['csv'] },
        })
      ).body.id,
    };
  }

  const keyOf = (tenant: string) => ({
    name: 'test',
    tenant,
    scopes: [
      'audit:read',
      'personal:read',
      'accounts:write',
      'connections:write',
      'reviews:decide',
      'elevations:write',
      'reports:write',
      'act-as',
      'admin',
    ],
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
    const before = (await written()).length;
    const withIds = guarded().filter(({ method, path }) => path.includes('{') && `${method} ${path}` !== MAKES_OWN);
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
    expect((await written()).length).toBe(before);
  }, 60_000);

  it('sees in lists only what is its own', async () => {
    for (const path of ['/api/v1/accounts', '/api/v1/access', '/api/v1/events', '/api/v1/link-proposals']) {
      const { status, body } = await api(installation.server, path, { key: foreign });
      expect([path, status]).toEqual([path, 200]);
      // the address of the application that both customers use bears the name of one of them
      expect(JSON.stringify(body).replaceAll('crm.acme.example', '')).not.toContain('acme');
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

  /** What callers had recorded, besides that this test reads the log; the system may find something in it meanwhile. */
  async function written() {
    const log = await wholeLog(installation.server);
    return log.filter(({ type, metadata }) => metadata.actor.kind !== 'system' && type !== 'AuditRead');
  }

  function concrete(path: string, operation: OpenApiOperation): string {
    const noun = path.split('/')[3] ?? '';
    const own: Record<string, string | undefined> = {
      accounts: ids['account'],
      access: ids['grant'],
      events: ids['event'],
      keys: ids['key'],
      connections: ids['connection'],
      roles: ids['role'],
      'review-items': ids['item'],
      'access-reviews': ids['review'],
      elevations: ids['elevation'],
      findings: ids['finding'],
      'sod-exceptions': ids['exception'],
      changes: ids['account'],
      reports: ids['report'],
    };
    const filled = path
      .replace('{grant}', ids['grant'] ?? '')
      .replace('/withholdings/{role}', '/withholdings/acme.only')
      .replace('/files/{name}', '/files/access.csv')
      .replace(/\{[a-zA-Z]+\}/, own[noun] ?? 'unknown');
    const query = operation.parameters?.filter((parameter) => parameter.in === 'query' && parameter.required) ?? [];
    const sampleOf = ({ schema }: (typeof query)[number]) => {
      if (schema?.format === 'uuid') return ids['account'];
      return schema?.type === 'integer' ? '1' : 'test';
    };
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
    const body = Object.fromEntries(required.map((field) => [field, sampleOf(properties[field])]));
    return 'actAs' in properties ? { ...body, actAs: ids['stranger'] } : body;
  }

  function sampleOf({ example, enum: words, format, type }: OpenApiProperty = {}): unknown {
    if (example !== undefined) return example;
    if (words) return words[0];
    const text = format === 'date-time' ? '2027-03-01T00:00:00.000Z' : ids['account'];
    return type === 'array' ? [text] : text;
  }
});
