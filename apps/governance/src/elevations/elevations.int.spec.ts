/** Roles for a time over HTTP: who may ask and who may answer, what follows on the account, and who sees what. */
import { connectionSettings, deactivate, reactivate } from '#libs/testing';
import {
  as,
  comeToEnd,
  events,
  HOUR,
  holds,
  key,
  look,
  policy,
  read,
  requested,
  send,
  startElevations,
  wanted,
  world,
} from './elevations.fixture.js';

jest.setTimeout(120_000);

beforeAll(() => startElevations(connectionSettings()));
afterEach(comeToEnd);
afterAll(() => world.server.close());

describe('a request', () => {
  it('is made for oneself without any right, and approved by who is asked', async () => {
    const id = await requested();
    expect(await holds('ada')).toBe(false);
    const { body } = await send(`/${id}/approve`, { reason: 'seen' }, await as('olga'));
    expect([body.status, await holds('ada')]).toEqual(['active', true]);
    const [, approved] = await events(id);
    expect(approved).toMatchObject({ data: { by: world.accounts.olga, via: 'session', apiKey: null, complete: true } });
    const grants = [...(await world.server.acme.state('ada')).grants.values()].filter(
      ({ role }) => role === 'prod.operator',
    );
    expect(grants).toEqual([
      expect.objectContaining({
        id: approved?.data['grant'],
        source: expect.objectContaining({ kind: 'elevation', actor: `elevation:${id}` }),
        until: approved?.data['until'],
      }),
    ]);
  });

  it('for somebody else needs elevations:write', async () => {
    const other = wanted({ account: world.accounts.carl });
    expect((await send('', other, await as('ada'))).body.code).toBe('missing-scope');
    expect((await send('', other, await key('audit:read'))).status).toBe(403);
    const { body } = await send('', other, await key('elevations:write'));
    expect(await events(body.id)).toMatchObject([{ data: { requestedBy: null, via: 'apiKey' } }]);
  });

  it('is one for one Idempotency-Key, also after it was answered', async () => {
    const headers = await as('ada');
    const first = await send('', wanted(), headers, 'the-same');
    await send(`/${first.body.id}/refuse`, { reason: 'no' }, await as('olga'));
    expect((await send('', wanted(), headers, 'the-same')).body).toMatchObject({
      id: first.body.id,
      status: 'requested',
    });
    expect((await send('', wanted({ duration: 'PT1H' }), headers, 'the-same')).body.code).toBe(
      'idempotency-key-reused',
    );
  });

  it.each<[string, object, number, string]>([
    ['longer than allowed', { duration: 'PT5H' }, 400, 'elevation-too-long'],
    ['a role that nobody offers', { role: 'crm.reader' }, 422, 'elevation-role-not-offered'],
    ['an unknown role', { role: 'nobody.knows' }, 404, 'role-not-found'],
    ['break-glass where there is none', { breakGlass: true }, 403, 'break-glass-not-allowed'],
    ['no duration', { duration: 'two hours' }, 400, 'invalid-request'],
    ['no reason', { reason: ' ' }, 400, 'invalid-request'],
    ['an unknown account', { account: '00000000-0000-4000-8000-000000000000' }, 404, 'account-not-found'],
  ])('is refused for %s', async (_what, over, status, code) => {
    const { body, ...answer } = await send('', wanted(over), await key('elevations:write'));
    expect([answer.status, body.code]).toEqual([status, code]);
  });

  it('of high risk asks two people, and begins with the second', async () => {
    const id = await requested({ role: 'prod.admin' });
    expect((await send(`/${id}/approve`, {}, await as('bo'))).body.status).toBe('requested');
    expect(await holds('ada', 'prod.admin')).toBe(false);
    expect((await send(`/${id}/approve`, {}, await as('bo'))).body.code).toBe('elevation-already-approved');
    expect((await send(`/${id}/approve`, {}, await as('olga'))).body.status).toBe('active');
    expect(await holds('ada', 'prod.admin')).toBe(true);
  });

  it('with break-glass begins at once', async () => {
    const { body } = await send('', wanted({ role: 'pay.approve', breakGlass: true }), await as('ada'));
    expect([body.status, await holds('ada', 'pay.approve')]).toEqual(['active', true]);
    expect(await events(body.id)).toMatchObject([
      { type: 'ElevationRequested', data: { breakGlass: true } },
      { type: 'ElevationApproved', data: { by: null, complete: true } },
    ]);
  });
});

describe('an answer', () => {
  it('is never one’s own, a stranger’s, or that of the key that filed the request', async () => {
    const own = await requested();
    expect((await send(`/${own}/approve`, {}, await as('ada'))).body.code).toBe('own-elevation');
    expect((await send(`/${own}/approve`, {}, await as('mallory'))).body.code).toBe('not-an-approver');
    const filing = await key('elevations:write', 'act-as');
    const { body } = await send('', wanted({ actAs: world.accounts.carl }), filing);
    expect(await events(body.id)).toMatchObject([{ data: { requestedBy: world.accounts.carl, via: 'apiKey' } }]);
    const answer = { actAs: world.accounts.olga };
    expect((await send(`/${body.id}/approve`, answer, filing)).body.code).toBe('elevation-same-key');
    const another = await key('act-as', 'elevations:write', 'audit:read');
    expect((await send(`/${body.id}/approve`, answer, another)).body.status).toBe('active');
    expect((await events(body.id)).at(-1)).toMatchObject({
      data: { by: world.accounts.olga, via: 'apiKey', apiKey: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
  });

  it('by a key needs a person, and a person in its own tenant that it may speak for', async () => {
    const id = await requested();
    const plain = await key('elevations:write');
    expect((await send(`/${id}/approve`, {}, plain)).body.code).toBe('act-as-required');
    expect((await send(`/${id}/refuse`, { reason: 'no' }, plain)).body.code).toBe('act-as-required');
    expect((await send(`/${id}/approve`, { actAs: world.accounts.olga }, plain)).body.code).toBe('missing-scope');
    const speaking = await key('elevations:write', 'act-as');
    const foreign = { actAs: '00000000-0000-4000-8000-000000000000' };
    expect((await send(`/${id}/approve`, foreign, speaking)).status).toBe(404);
    expect((await send(`/${id}/approve`, { actAs: world.accounts.olga }, await key('act-as'))).body.code).toBe(
      'missing-scope',
    );
    expect(await holds('ada')).toBe(false);
  });

  it('may be a refusal; the request can be taken back by who made it', async () => {
    const [refused, withdrawn] = [await requested(), await requested()];
    expect((await send(`/${refused}/refuse`, { reason: 'no' }, await as('mallory'))).body.code).toBe('not-an-approver');
    expect((await send(`/${refused}/refuse`, { reason: 'no' }, await as('olga'))).body.status).toBe('refused');
    expect((await send(`/${withdrawn}/refuse`, { reason: 'no need' }, await as('ada'))).body.status).toBe('refused');
    expect((await events(withdrawn)).at(-1)).toMatchObject({ data: { code: 'withdrawn', by: world.accounts.ada } });
    expect((await send(`/${refused}/approve`, {}, await as('olga'))).body.code).toBe('elevation-not-open');
  });

  it('that segregation of duties stands against is told, and ends the request', async () => {
    await world.server.acme.give('carl', 'pay.create');
    const { body } = await send('', wanted({ account: world.accounts.carl, role: 'pay.approve' }), await as('carl'));
    const approved = await send(`/${body.id}/approve`, {}, await as('olga'));
    expect([approved.status, approved.body.code]).toEqual([409, 'sod-conflict']);
    expect((await events(body.id)).at(-1)).toMatchObject({
      type: 'ElevationRefused',
      data: { code: 'not-possible', reason: 'sod-conflict' },
    });
    expect(await holds('carl', 'pay.approve')).toBe(false);
  });

  it('comes to nothing once the policy is gone', async () => {
    await world.server.acme.policy('elevate-short', policy({ roles: ['crm.writer'] }));
    const id = await requested({ role: 'crm.writer' });
    await world.server.acme.policy('elevate-short', policy({ roles: ['crm.writer'] }), { enabled: false });
    expect((await send(`/${id}/approve`, {}, await as('olga'))).body.code).toBe('elevation-role-not-offered');
    expect((await events(id)).at(-1)).toMatchObject({ data: { code: 'not-possible' } });
  });

  it('comes to nothing once the policy allows less, or needs more people; the answer says so', async () => {
    const stricter = async (name: string, over: Parameters<typeof policy>[0]) => {
      await world.server.acme.policy(name, policy({ roles: ['crm.writer'] }));
      const id = await requested({ role: 'crm.writer' });
      await world.server.acme.policy(name, policy({ roles: ['crm.writer'], ...over }));
      const { status, body } = await send(`/${id}/approve`, {}, await as('olga'));
      expect([status, body.code]).toEqual([409, 'elevation-terms-changed']);
      expect((await events(id)).at(-1)).toMatchObject({ data: { code: 'not-possible', reason: body.code } });
    };
    await stricter('elevate-briefly', { maxDuration: 'PT1H' });
    await stricter('elevate-by-two', { approvals: 2 });
    expect(await holds('ada', 'crm.writer')).toBe(false);
  });

  it('of somebody who is gone counts no more when another one comes', async () => {
    const id = await requested({ role: 'prod.admin' });
    expect((await send(`/${id}/approve`, {}, await as('bo'))).body.status).toBe('requested');
    await world.server.acme.run('bo', deactivate(), 'bo leaves');
    const { status, body } = await send(`/${id}/approve`, {}, await as('olga'));
    expect([status, body.code]).toEqual([409, 'elevation-approver-gone']);
    expect(await holds('ada', 'prod.admin')).toBe(false);
    await world.server.acme.run('bo', reactivate(), 'bo is back');
  });

  it('lapses when it does not come', async () => {
    const id = await requested();
    world.server.clock.advance(72 * HOUR);
    await look();
    expect((await events(id)).at(-1)).toMatchObject({
      type: 'ElevationRefused',
      data: { code: 'lapsed', via: 'system' },
    });
  });
});

describe('a list', () => {
  it('shows people what they take part in, and others everything by right', async () => {
    const id = await requested();
    const other = (await send('', wanted({ account: world.accounts.carl }), await as('carl'))).body.id;
    await world.server.settle();
    const ids = async (query: string, headers: Record<string, string>) => {
      const { body } = await read(`?status=requested${query}`, headers);
      return (body['items'] as { id: string }[]).map((each) => each.id);
    };
    expect(await ids('', await as('ada'))).toEqual([id]);
    expect(await ids('', await as('olga'))).toEqual([id, other]);
    expect(await ids('', await as('mallory'))).toEqual([]);
    expect(await ids('', await key('audit:read'))).toEqual([id, other]);
    expect(await ids(`&account=${world.accounts.carl}`, await as('olga'))).toEqual([other]);
    expect(await ids(`&approver=${world.accounts.olga}`, await key('audit:read'))).toEqual([id, other]);
    expect((await read('', await key('elevations:write'))).status).toBe(403);
    expect((await read(`/${id}`, await as('mallory'))).status).toBe(404);
    expect((await read(`/${id}`, await as('ada'))).body['reason']).toBe('incident 42');
    expect((await read(`/${id}`, await key('audit:read'))).body['reason']).toBe('[withheld]');
    expect((await read(`/${id}`, await key('audit:read'))).body).toMatchObject({
      duration: 'PT2H',
      approvers: [world.accounts.olga],
    });
  });
});
