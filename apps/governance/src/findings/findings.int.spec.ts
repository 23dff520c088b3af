/** What time brings about: raised by the scan, resolved when it holds no more, decided by those who answer for it. */
import type { ConnectionSettings } from '#libs/contracts';
import type { SealedEvent } from '#libs/kernel';
import { EVENT_STORE, type EventStore, ReadModelBehindError } from '#libs/platform';
import { connectionSettings, seededId } from '#libs/testing';
import { type GovernanceServer, startGovernance } from '../governance-server.fixture.js';
import { comes, DAY, findings, scanned, signsIn, told, watching } from './findings.fixture.js';
import { FindingsScan } from './findings-scan.js';
import { UnknownGroupsStep } from './unknown-groups.step.js';

jest.setTimeout(120_000);

const BY_HAND = { kind: 'manual', connection: null, connectionVersion: null, protocol: 'manual', issuer: null };

let server: GovernanceServer;
beforeAll(async () => {
  server = await startGovernance();
});
afterAll(() => server.close());

const statuses = async (filter: Parameters<typeof findings>[1]) =>
  (await findings(server, filter)).map(({ status }) => status);

describe('given people who leave their accounts alone', () => {
  let quiet: string;
  let busy: string;
  let never: string;

  beforeAll(async () => {
    const { acme, clock } = server;
    await acme.person('olga');
    await acme.policy('dormant-90', watching('dormant', { after: 'P90D', owner: 'olga' }));
    quiet = await comes(server, 'quiet');
    busy = await comes(server, 'busy');
    never = await acme.person('never');
    await acme.person('glass', { kind: 'breakGlass' });
    clock.advance(90 * DAY - 60_000);
    await signsIn(server, busy, 1);
    await signsIn(server, acme.accountOf('olga'), 1);
  });

  it('finds nobody before the time is over, and those who stayed away once it is', async () => {
    await scanned(server);
    expect(await findings(server, { kind: 'dormant' })).toEqual([]);
    server.clock.advance(60_000);
    await scanned(server);
    expect(told(await findings(server, { kind: 'dormant' }))).toEqual(
      [`never-signed-in ${never} open`, `no-sign-in ${quiet} open`].sort(),
    );
  });

  it('says since when, by which policy, and who answers for it', async () => {
    const [found] = await findings(server, { kind: 'dormant', code: 'no-sign-in' });
    expect(found).toMatchObject({ policy: 'dormant-90', policyVersion: 1, owner: server.acme.accountOf('olga') });
    expect(found?.since?.toISOString()).toBe('2026-03-02T08:00:00.000Z');
  });

  it('raises nothing twice', async () => {
    await scanned(server);
    server.clock.advance(DAY);
    await scanned(server);
    expect((await findings(server, { kind: 'dormant' })).map(({ timesRaised }) => timesRaised)).toEqual([1, 1]);
  });

  it('is resolved by a sign-in, and raised again after another ninety days', async () => {
    await signsIn(server, quiet, 1);
    await scanned(server);
    expect(await statuses({ code: 'no-sign-in' })).toEqual(['resolved']);
    server.clock.advance(90 * DAY);
    await scanned(server);
    const again = (await findings(server, { code: 'no-sign-in' })).find(({ account }) => account === quiet);
    expect(again).toMatchObject({ status: 'open', timesRaised: 2 });
  });

  it('finds nobody while the read model lacks something: that may be the sign-in, or the account', async () => {
    const late = await server.acme.person('late-comer');
    server.clock.advance(90 * DAY);
    await server.settle();
    const store = server.app.get<EventStore>(EVENT_STORE, { strict: false });
    const ahead = (await store.head()) + 1;
    const appending = jest.spyOn(store, 'head').mockResolvedValue(ahead);
    await expect(server.app.get(FindingsScan, { strict: false }).run()).rejects.toThrow(ReadModelBehindError);
    appending.mockRestore();
    expect(await store.head()).toBe(ahead - 1);
    await scanned(server);
    expect((await findings(server, { kind: 'dormant' })).map(({ account }) => account)).toContain(late);
  });

  it('ends with its policy', async () => {
    await server.acme.policy('dormant-90', watching('dormant', { after: 'P90D', owner: 'olga' }), { enabled: false });
    await scanned(server);
    expect((await findings(server, { kind: 'dormant' })).map(({ resolvedCode }) => resolvedCode)).not.toContain(null);
  });
});

describe('given sources that come and go', () => {
  it('finds whose source is disabled, without a policy, until it is enabled again', async () => {
    const { acme } = server;
    const settings: ConnectionSettings = connectionSettings({});
    await acme.connect('entra', settings);
    const account = await comes(server, 'lone', { connection: 'entra' });
    await scanned(server);
    expect(await statuses({ kind: 'orphan', code: 'source-disabled' })).toEqual([]);
    await acme.connect('entra', settings, { enabled: false });
    await scanned(server);
    const [found] = await findings(server, { code: 'source-disabled' });
    expect(found).toMatchObject({ account, connection: 'entra', policy: null, status: 'open' });
    await acme.connect('entra', connectionSettings({ domains: ['acme.example', 'acme.test'] }));
    await scanned(server);
    expect(await statuses({ code: 'source-disabled' })).toEqual(['resolved']);
  });
});

describe('given names that lead to nobody', () => {
  it('finds managers and owners, until they come', async () => {
    const { acme } = server;
    await acme.role('pay.audit', {}, 'auditor');
    const account = await acme.person('managed', { manager: 'chief' });
    await scanned(server);
    expect(
      (await findings(server, { kind: 'unresolved', code: 'role-owner-unknown', status: ['open'] })).map(
        ({ role }) => role,
      ),
    ).toEqual(['pay.audit']);
    expect(told(await findings(server, { code: 'manager-unknown', status: ['open'] }))).toEqual([
      `manager-unknown ${account} open`,
    ]);
    await acme.person('chief');
    await acme.person('auditor');
    await scanned(server);
    expect(await findings(server, { kind: 'unresolved', status: ['open'] })).toEqual([]);
  });

  it('finds managers whose name leads to somebody only by what nobody is looked up by', async () => {
    const { acme } = server;
    await acme.person('numbered', { employeeNumber: '1001' });
    const managed = await acme.person('managed-by-number', { manager: '1001' });
    await scanned(server);
    expect(told(await findings(server, { code: 'manager-unknown', status: ['open'] }))).toEqual([
      `manager-unknown ${managed} open`,
    ]);
    await server.acme.run('managed-by-number', {
      type: 'Deactivate',
      data: { source: BY_HAND, reason: 'over', occurredAt: null },
    } as never);
    await scanned(server);
    expect(await findings(server, { kind: 'unresolved', status: ['open'] })).toEqual([]);
  });
});

describe('given accounts that are no people of the company', () => {
  it('finds what they lack', async () => {
    const account = await server.acme.person('robot', { kind: 'service' });
    await scanned(server);
    const mine = (await findings(server, { kind: 'unsponsored' })).filter((each) => each.account === account);
    expect(mine.map(({ code }) => code).sort()).toEqual(['end-missing', 'sponsor-missing']);
  });
});

describe('given sign-ins that say nothing of groups', () => {
  it('finds it at the fifth in a row, at once, and resolves it at the first that does', async () => {
    const account = await comes(server, 'groupless', { groups: 'unknown' });
    for (let nth = 1; nth < 4; nth += 1) await signsIn(server, account, nth, { groups: 'unknown' });
    await server.settle();
    expect(await findings(server, { kind: 'unknownGroups' })).toEqual([]);
    await signsIn(server, account, 4, { groups: 'unknown' });
    await server.settle();
    expect(told(await findings(server, { kind: 'unknownGroups' }))).toEqual([`groups-unknown ${account} open`]);
    await signsIn(server, account, 5);
    await server.settle();
    expect(await statuses({ kind: 'unknownGroups' })).toEqual(['resolved']);
  });

  it('goes by the last sign-ins, in whatever order they are handled', async () => {
    const account = await server.acme.person('late');
    const step = server.app.get(UnknownGroupsStep, { strict: false });
    const held: SealedEvent[] = [];
    const handling = jest.spyOn(step, 'handle').mockImplementation(async (event) => void held.push(event));
    for (const [nth, groups] of (['known', ...Array(5).fill('unknown')] as const).entries()) {
      server.clock.advance(1_000);
      await signsIn(server, account, nth, { groups });
    }
    await server.settle();
    handling.mockRestore();
    for (const event of held.toReversed()) await step.handle(event);
    await server.settle();
    const found = await findings(server, { kind: 'unknownGroups' });
    expect(found.filter((each) => each.account === account).map(({ status }) => status)).toEqual(['open']);
    await signsIn(server, account, 9);
    await server.settle();
  });

  it('finds it after fourteen days, however few they are', async () => {
    const account = await comes(server, 'rare', { groups: 'unknown' });
    server.clock.advance(14 * DAY - 1);
    await scanned(server);
    expect(await findings(server, { kind: 'unknownGroups', status: ['open'] })).toEqual([]);
    server.clock.advance(1);
    await scanned(server);
    expect(told(await findings(server, { kind: 'unknownGroups', status: ['open'] }))).toEqual([
      `groups-unknown ${account} open`,
    ]);
  });
});

describe('given use that somebody tells of', () => {
  it('finds grants that nobody uses, and none of applications of which nobody tells', async () => {
    const { acme, clock } = server;
    await acme.policy('unused-60', watching('unused', { after: 'P60D' }));
    const user = await acme.person('user');
    const idler = await acme.person('idler');
    for (const name of ['user', 'idler']) await acme.give(name, 'crm.reader');
    await acme.give('idler', 'prod.admin');
    const report = async (daysAgo: number) => {
      const usedAt = new Date(clock.now().getTime() - daysAgo * DAY).toISOString();
      const entries = [{ account: user, application: 'crm', usedAt }];
      expect((await server.post('/api/v1/usage', { source: 'gateway', entries })).status).toBe(201);
    };
    const unused = async () => {
      await scanned(server);
      return (await findings(server, { kind: 'unused', status: ['open'] })).map(({ account, role }) => [account, role]);
    };
    await report(390);
    expect(await unused()).toEqual([]);
    clock.advance(31 * DAY);
    await report(0);
    clock.advance(31 * DAY);
    expect(await unused()).toEqual([]);
    await report(0);
    expect(await unused()).toEqual([[idler, 'crm.reader']]);
    // nobody tells any more: whether the grant is used is not known
    clock.advance(36 * DAY);
    expect(await unused()).toEqual([]);
  });
});

describe('deciding about findings over HTTP', () => {
  const list = async (query: string, headers: Record<string, string> = {}) => {
    const answer = await server.ask(`/api/v1/findings?${query}`, { headers });
    return {
      status: answer.status,
      body: (await answer.json()) as { items: { id: string; status: string }[]; nextCursor: string | null },
    };
  };

  it('lists by kind, status and owner, page by page', async () => {
    const all = await list('kind=unsponsored');
    expect(all.body.items.length).toBeGreaterThanOrEqual(3);
    const first = await list('kind=unsponsored&limit=2');
    expect(first.body.items).toHaveLength(2);
    const second = await list(`kind=unsponsored&limit=200&cursor=${first.body.nextCursor}`);
    expect([...first.body.items, ...second.body.items]).toEqual(all.body.items);
    expect((await list('kind=nonsense')).status).toBe(400);
  });

  it('is for administrators, and for the owner in person', async () => {
    const { acme } = server;
    await acme.connect('okta', connectionSettings({}));
    const [found] = (await list('kind=unsponsored&status=open')).body.items;
    const path = `/api/v1/findings/${found?.id}`;
    const eve = { ...(await acme.session('user', 'okta')), 'sec-fetch-site': 'same-origin' };
    const until = new Date(server.clock.now().getTime() + DAY).toISOString();
    const acceptance = { until, reason: 'known' };
    const refused = await server.post(`${path}/accept`, acceptance, { headers: eve });
    expect(await refused.json()).toMatchObject({ status: 403, code: 'finding-not-yours' });
    expect((await server.ask(path, { headers: eve })).status).toBe(404);
    expect((await server.post(`${path}/assign`, { owner: seededId('nobody'), reason: 'hers now' })).status).toBe(404);
    const assigned = await server.post(`${path}/assign`, { owner: acme.accountOf('user'), reason: 'hers now' });
    expect(await assigned.json()).toMatchObject({ owner: acme.accountOf('user'), status: 'open' });
    await server.settle();
    expect((await server.ask(path, { headers: eve })).status).toBe(200);
    const accepted = await server.post(`${path}/accept`, acceptance, { headers: eve, key: 'accept-once' });
    expect(await accepted.json()).toMatchObject({ status: 'accepted' });
    await server.settle();
    expect((await list('status=accepted', eve)).body.items.map(({ id }) => id)).toEqual([found?.id]);
    server.clock.advance(DAY);
    await scanned(server);
    expect((await (await server.ask(path)).json()) as object).toMatchObject({ status: 'open', timesRaised: 2 });
  });

  it('is for a key only with the scope for decisions beside act-as', async () => {
    const { acme } = server;
    const [found] = (await list('kind=unsponsored&status=open')).body.items;
    const path = `/api/v1/findings/${found?.id}`;
    const body = { owner: acme.accountOf('user'), reason: 'theirs', actAs: acme.accountOf('user') };
    expect((await server.post(`${path}/assign`, { owner: body.owner, reason: 'theirs' })).status).toBe(200);
    const as = async (...scopes: Parameters<typeof acme.key>[0]) =>
      (await server.post(`${path}/assign`, body, { headers: await acme.key(scopes) })).status;
    expect(await as('act-as')).toBe(403);
    expect(await as('act-as', 'reviews:decide')).toBe(200);
    expect(await as('reviews:decide')).toBe(403);
  });

  it('closes by hand what then stays closed', async () => {
    const [found] = (await list('kind=unsponsored&status=open')).body.items;
    const path = `/api/v1/findings/${found?.id}`;
    const key = await server.acme.key(['audit:read']);
    expect((await server.post(`${path}/resolve`, { reason: 'fine' }, { headers: key })).status).toBe(403);
    expect((await server.post(`${path}/resolve`, { reason: 'fine' })).status).toBe(200);
    await scanned(server);
    expect((await (await server.ask(path)).json()) as object).toMatchObject({
      status: 'resolved',
      resolvedCode: 'by-hand',
    });
    expect(
      (
        await server.post(`${path}/accept`, {
          reason: 'late',
          until: new Date(server.clock.now().getTime() + DAY).toISOString(),
        })
      ).status,
    ).toBe(409);
  });

  it('knows nothing of findings that are not there', async () => {
    const path = `/api/v1/findings/${seededId('no finding')}`;
    expect((await server.ask(path)).status).toBe(404);
    expect((await server.post(`${path}/resolve`, { reason: 'fine' })).status).toBe(404);
  });
});
