/** Roles that one account must not hold together: found at once, with both chains of why; excused for a time. */
import { type GovernanceServer, startGovernance } from '../governance-server.fixture.js';
import { SodExceptionsProcess } from '../sod-exceptions/sod-exceptions.process.js';
import { DAY, findings, scanned } from './findings.fixture.js';

jest.setTimeout(120_000);

let server: GovernanceServer;
let ada: string;
beforeAll(async () => {
  server = await startGovernance();
  const { acme } = server;
  for (const role of ['pay.create', 'pay.approve']) await acme.role(role);
  await acme.person('olga');
  ada = await acme.person('ada');
});
afterAll(() => server.close());

const policy = (over: object = {}) =>
  ({ kind: 'sod', roles: [['pay.create'], ['pay.approve']], mode: 'detective', owner: 'olga', ...over }) as never;
const violations = () => findings(server, { kind: 'sod' });

describe('given somebody who held both roles before there was a policy', () => {
  it('is found when the policy comes, with both chains of why', async () => {
    const { acme } = server;
    const grants = { create: await acme.give('ada', 'pay.create'), approve: await acme.give('ada', 'pay.approve') };
    await acme.policy('maker-checker', policy());
    await scanned(server);
    const [found] = await violations();
    expect(found).toMatchObject({
      account: ada,
      status: 'open',
      policy: 'maker-checker',
      owner: acme.accountOf('olga'),
    });
    expect(found?.held?.map(({ role, grant }) => [role, grant]).sort()).toEqual([
      ['pay.approve', grants.approve],
      ['pay.create', grants.create],
    ]);
    expect(found?.held?.every(({ event }) => event !== null)).toBe(true);
  });

  it('is resolved as soon as one of the roles is gone, and found again when it comes back', async () => {
    const { acme } = server;
    const state = await acme.state('ada');
    const grant = [...state.grants.values()].find(({ role }) => role === 'pay.create')?.id ?? '';
    await acme.run('ada', {
      type: 'RevokeGrant',
      data: { grant, withhold: false, decision: null, reason: 'test' },
    } as never);
    await server.settle();
    expect((await violations()).map(({ status, resolvedCode }) => [status, resolvedCode])).toEqual([
      ['resolved', 'gone'],
    ]);
    await acme.give('ada', 'pay.create', 2);
    await server.settle();
    expect((await violations()).map(({ status, timesRaised }) => [status, timesRaised])).toEqual([['open', 2]]);
  });

  it('shows among the violations of the policy, and of no other', async () => {
    const answer = await server.ask('/api/v1/policies/maker-checker/violations');
    const body = (await answer.json()) as { items: { account: string }[]; nextRun: object };
    expect(body.items.map(({ account }) => account)).toEqual([ada]);
    expect(body.nextRun).toEqual({ action: 'finding', maxPerRun: 0, accounts: [], waiting: 0 });
    expect((await server.ask('/api/v1/policies/no-such-policy/violations')).status).toBe(404);
  });
});

describe('an exception', () => {
  const wanted = (over: object = {}) => ({
    policy: 'maker-checker',
    account: ada,
    owner: 'olga',
    control: 'Every payment is read by the CFO',
    until: new Date(server.clock.now().getTime() + 10 * DAY).toISOString(),
    reason: 'Holiday cover',
    ...over,
  });
  const grant = (over: object = {}, options = {}) => server.post('/api/v1/sod-exceptions', wanted(over), options);

  it.each<[string, object, number, string]>([
    ['an owner who is nobody', { owner: 'nobody' }, 422, 'sod-exception-owner-invalid'],
    ['who it is for as its owner', { owner: 'ada' }, 422, 'sod-exception-owner-invalid'],
    ['a policy that is not there', { policy: 'nothing' }, 404, 'policy-not-found'],
    ['an account that is not there', { account: '00000000-0000-4000-8000-000000000000' }, 404, 'not-found'],
    ['an end in the past', { until: '2026-01-01T00:00:00Z' }, 400, 'sod-exception-end-invalid'],
  ])('is refused with %s', async (_, over, status, code) => {
    const answer = await grant(over);
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([status, code]);
  });

  it('is granted by administrators only, and never for oneself', async () => {
    expect((await grant({}, { headers: await server.acme.key(['audit:read', 'accounts:write']) })).status).toBe(403);
    const own = await grant({ actAs: ada, reason: 'for me' }, { headers: await server.acme.key(['admin', 'act-as']) });
    expect(((await own.json()) as { code: string }).code).toBe('own-sod-exception');
  });

  it('excuses what it is for, until it ends; then the violation is found again', async () => {
    const granted = await grant();
    expect(granted.status).toBe(201);
    const { id } = (await granted.json()) as { id: string };
    await server.settle();
    expect((await violations()).map(({ status }) => status)).toEqual(['resolved']);
    expect((await grant({ reason: 'twice' })).status).toBe(409);
    const withheld = await server.ask('/api/v1/sod-exceptions?status=open', {
      headers: await server.acme.key(['audit:read']),
    });
    expect(((await withheld.json()) as { items: object[] }).items).toEqual([
      expect.objectContaining({ id, account: ada, owner: '[withheld]', control: '[withheld]', reason: '[withheld]' }),
    ]);
    server.clock.advance(10 * DAY);
    await server.app.get(SodExceptionsProcess, { strict: false }).run();
    await server.settle();
    expect((await violations()).map(({ status, timesRaised }) => [status, timesRaised])).toEqual([['open', 3]]);
    const ended = await server.ask('/api/v1/sod-exceptions');
    expect(((await ended.json()) as { items: object[] }).items).toEqual([
      expect.objectContaining({ id, status: 'ended', endedCode: 'time-over', owner: 'olga' }),
    ]);
  });

  it('may be granted anew and ended by hand', async () => {
    const { id } = (await (await grant({ reason: 'again' })).json()) as { id: string };
    await server.settle();
    expect((await violations()).map(({ status }) => status)).toEqual(['resolved']);
    const ended = await server.post(`/api/v1/sod-exceptions/${id}/end`, { reason: 'enough people' });
    expect(await ended.json()).toMatchObject({ id, status: 'ended' });
    await server.settle();
    expect((await violations()).map(({ status }) => status)).toEqual(['open']);
    expect((await server.post(`/api/v1/sod-exceptions/${id}/end`, { reason: 'twice' })).status).toBe(404);
  });
});

describe('given a role that is retired although a policy names it', () => {
  const stands = async (account: string) =>
    (await violations())
      .filter((each) => each.account === account && each.policy === 'release')
      .map(({ status, held }) => [status, held?.map(({ role }) => role).sort()]);

  it('ends what rested on it, and the policy goes on with its other roles', async () => {
    const { acme } = server;
    await acme.role('pay.release');
    await acme.policy('release', policy({ roles: [['pay.create'], ['pay.approve', 'pay.release']] }));
    const bob = await acme.person('bob');
    for (const role of ['pay.create', 'pay.approve']) await acme.give('bob', role);
    await server.settle();
    expect(await stands(bob)).toEqual([['open', ['pay.approve', 'pay.create']]]);

    await acme.retire('pay.approve', 'ada', 'bob');
    await scanned(server);
    expect((await violations()).filter(({ status }) => status === 'open')).toEqual([]);

    await acme.give('bob', 'pay.release');
    await server.settle();
    expect(await stands(bob)).toEqual([['open', ['pay.create', 'pay.release']]]);
  });
});

describe('when everything is read once more', () => {
  it('nothing is found twice', async () => {
    const before = await violations();
    await server.database.query('update governance.places set position = -1');
    server = await server.restart();
    await scanned(server);
    expect(await violations()).toEqual(before);
  });
});
