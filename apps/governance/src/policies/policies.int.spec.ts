/** Policies over HTTP: brought into force by the same checks as a file, changed from the version that was read, removed. */
import { type GovernanceServer, startGovernance } from '../governance-server.fixture.js';

jest.setTimeout(120_000);

let server: GovernanceServer;
beforeAll(async () => {
  server = await startGovernance();
});
afterAll(() => server.close());

interface Shown {
  readonly code?: string;
  readonly version: number;
  readonly detail?: string;
  readonly settings: Record<string, unknown>;
  readonly warnings: readonly string[];
  readonly confirm: string | null;
  readonly details: { readonly confirm: string };
  readonly items: readonly { readonly id: string }[];
  readonly nextCursor: string | null;
}

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
const WATCH = { kind: 'dormant', after: 'P90D', owner: 'olga' };
const put = (id: string, settings: object, over: object = {}, headers: Record<string, string> = {}) =>
  send('PUT', `/api/v1/policies/${id}`, { settings, reason: 'test', ...over }, headers);
const read = (id: string, headers: Record<string, string> = {}) =>
  send('GET', `/api/v1/policies/${id}`, undefined, headers);

describe('a policy', () => {
  it('comes into force with its defaults written out, and is read back', async () => {
    const made = await put('dormant-90', WATCH);
    expect(made).toMatchObject({
      status: 200,
      body: { id: 'dormant-90', tenant: 'acme', kind: 'dormant', enabled: true, version: 1, managedBy: 'api' },
    });
    expect((await read('dormant-90')).body.settings).toEqual({ ...WATCH, action: 'finding', maxPerRun: 100 });
    expect((await put('dormant-90', made.body.settings)).body.version).toBe(1);
  });

  it('is changed from the version that was read', async () => {
    await put('stale', WATCH);
    expect(await put('stale', { ...WATCH, after: 'P60D' }, {}, { 'if-match': '"2"' })).toMatchObject({
      status: 412,
      body: { code: 'policy-stale' },
    });
    expect((await put('stale', { ...WATCH, after: 'P60D' }, {}, { 'if-match': '1' })).body.version).toBe(2);
    expect((await put('nowhere', WATCH, {}, { 'if-match': '1' })).status).toBe(404);
    expect((await put('stale', WATCH, {}, { 'if-match': 'x' })).body.code).toBe('invalid-request');
  });

  it('is written once, however often the request is sent', async () => {
    const key = { 'idempotency-key': 'once' };
    expect((await put('once', WATCH, {}, key)).body.version).toBe(1);
    await put('once', { ...WATCH, after: 'P60D' });
    expect((await put('once', WATCH, {}, key)).status).toBe(200);
    expect((await read('once')).body.settings['after']).toBe('P60D');
    expect((await put('once', { ...WATCH, after: 'P30D' }, {}, key)).body.code).toBe('idempotency-key-reused');
  });

  it('is checked as the file is: what is wrong is told with its place', async () => {
    const wrong = await put('wrong', { kind: 'sod', roles: ['crm.reader', 'crm.gone'] });
    expect(wrong).toMatchObject({ status: 400, body: { code: 'configuration-invalid' } });
    expect(wrong.body.detail).toContain('roles[1]: crm.gone is not a role of this tenant');
    expect((await put('wrong', { ...WATCH, owner: 'file:/etc/passwd' })).body.detail).toContain('file: and env:');
    expect((await put('wrong', { ...WATCH, owner: '[withheld]' })).body.code).toBe('invalid-request');
    expect((await put('dormant-90', { kind: 'orphan' })).body.code).toBe('policy-kind-fixed');
    expect((await read('wrong')).status).toBe(404);
  });

  it('that keeps roles apart which somebody holds together is confirmed first', async () => {
    await server.acme.person('both');
    await server.acme.give('both', 'crm.reader');
    await server.acme.give('both', 'crm.writer');
    const settings = { kind: 'sod', roles: ['crm.reader', 'crm.writer'], mode: 'preventive' };
    const tried = await put('apart', settings, { dryRun: true });
    expect(tried.body.warnings).toEqual([expect.stringContaining(server.acme.accountOf('both'))]);
    expect((await read('apart')).status).toBe(404);
    const refused = await put('apart', settings);
    expect(refused).toMatchObject({ status: 409, body: { code: 'confirmation-required' } });
    expect(refused.body.details.confirm).toBe(tried.body.confirm);
    expect((await put('apart', settings, { confirm: refused.body.details.confirm })).status).toBe(200);
    expect((await put('apart', { ...settings, mode: 'detective' })).status).toBe(200);
  });

  it('is removed once that is confirmed, and its id can be used again', async () => {
    await put('passing', WATCH);
    const remove = (confirm = '') => send('DELETE', `/api/v1/policies/passing?reason=test${confirm}`);
    const asked = await remove();
    expect(asked.body.code).toBe('confirmation-required');
    expect(await remove(`&confirm=${asked.body.details.confirm}`)).toMatchObject({ body: { status: 'removed' } });
    expect((await remove()).body.code).toBe('policy-not-found');
    expect((await put('passing', { kind: 'orphan' })).body.version).toBe(2);
  });

  it('of the file is left to the file, unless it is detached', async () => {
    await server.acme.policy('of-the-file', {
      kind: 'orphan',
      after: null,
      action: 'finding',
      maxPerRun: 10,
      owner: null,
    });
    const { managedBy } = (await read('of-the-file')).body as unknown as { managedBy: string };
    expect(managedBy).toBe('config');
    expect((await put('of-the-file', { kind: 'orphan', maxPerRun: 20 })).body.code).toBe('managed-by-config');
    expect((await put('of-the-file', { kind: 'orphan', maxPerRun: 20 }, { detach: true })).status).toBe(200);
  });

  it('is for administrators to change, and shows whom it names only with personal:read', async () => {
    const auditor = await server.acme.key(['audit:read']);
    expect((await read('dormant-90', auditor)).body.settings['owner']).toBe('[withheld]');
    expect((await put('dormant-90', WATCH, {}, auditor)).status).toBe(403);
    expect((await read('dormant-90', await server.acme.key(['reviews:decide']))).status).toBe(403);
  });

  it('is listed by id, page by page, and by kind', async () => {
    await Promise.all(['list-b', 'list-a', 'list-c'].map((id) => put(id, { kind: 'unsponsored' })));
    const first = await send('GET', '/api/v1/policies?kind=unsponsored&limit=2');
    expect(first.body.items.map(({ id }) => id)).toEqual(['list-a', 'list-b']);
    const rest = await send('GET', `/api/v1/policies?kind=unsponsored&limit=2&cursor=${first.body.nextCursor}`);
    expect([rest.body.items.map(({ id }) => id), rest.body.nextCursor]).toEqual([['list-c'], null]);
    expect((await send('GET', '/api/v1/policies?kind=audit')).status).toBe(400);
  });
});
