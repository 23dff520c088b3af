/** What policies do about findings by themselves: within their cap, recorded, told beforehand. */
import { RunAccountCommand } from '#libs/platform';
import { type GovernanceServer, startGovernance } from '../governance-server.fixture.js';
import { FindingActions } from './finding-actions.js';
import { comes, DAY, findings, scanned, signsIn, told, watching } from './findings.fixture.js';
import { type Watch, watchesOf } from './watches.js';

jest.setTimeout(120_000);

let server: GovernanceServer;
beforeEach(async () => {
  server = await startGovernance();
});
afterEach(() => server.close());

const deactivated = async () =>
  (await findings(server, { kind: 'dormant' })).filter(({ acted }) => acted?.action === 'deactivate');
const nextRun = async () => {
  const answer = await server.ask('/api/v1/policies/dormant-90/violations');
  return ((await answer.json()) as { nextRun: { accounts: string[]; waiting: number } }).nextRun;
};

describe('a policy that deactivates', () => {
  it('acts on no more accounts than its cap within a day, says on whom beforehand, and names itself as the reason', async () => {
    const { acme, clock } = server;
    const people = [];
    for (const name of ['ada', 'bo', 'cleo', 'dora', 'emil']) people.push(await comes(server, name));
    clock.advance(90 * DAY);
    await acme.policy('dormant-90', watching('dormant', { after: 'P90D', action: 'deactivate', maxPerRun: 2 }), {
      enabled: false,
    });
    await acme.policy('dormant-90', watching('dormant', { after: 'P90D', action: 'finding', maxPerRun: 2 }));
    await scanned(server);
    expect(await deactivated()).toEqual([]);

    await acme.policy('dormant-90', watching('dormant', { after: 'P90D', action: 'deactivate', maxPerRun: 2 }));
    const { accounts, waiting } = await nextRun();
    expect([accounts.length, waiting]).toEqual([2, 3]);
    const first = await (await server.ask('/api/v1/policies/dormant-90/violations?limit=2')).json();
    const { nextCursor } = first as { nextCursor: string };
    const second = await server.ask(`/api/v1/policies/dormant-90/violations?limit=2&cursor=${nextCursor}`);
    expect(await second.json()).toMatchObject({ nextRun: null });
    await scanned(server);
    await scanned(server);
    expect((await deactivated()).map(({ account }) => account).sort()).toEqual(accounts.toSorted());
    expect((await nextRun()).accounts).toEqual([]);

    clock.advance(DAY);
    await scanned(server);
    await scanned(server);
    expect(await deactivated()).toHaveLength(4);
    const answer = await server.ask(`/api/v1/findings?kind=dormant&account=${accounts[0]}`);
    expect(await answer.json()).toMatchObject({
      items: [{ status: 'resolved', acted: { action: 'deactivate', event: expect.any(String) } }],
    });
  });

  it('leaves whoever came back alone, also when the finding was not resolved yet', async () => {
    const { acme, clock } = server;
    await acme.policy('dormant-90', watching('dormant', { after: 'P90D' }));
    const account = await comes(server, 'quiet');
    const other = await comes(server, 'silent');
    clock.advance(90 * DAY);
    await scanned(server);
    await signsIn(server, account, 1);
    await server.settle();
    await acme.policy('dormant-90', watching('dormant', { after: 'P90D', action: 'deactivate' }));
    await scanned(server);
    await scanned(server); // which sees that one of them is deactivated
    const found = await findings(server, { kind: 'dormant' });
    expect(told(found)).toEqual([`no-sign-in ${account} resolved`, `no-sign-in ${other} resolved`].sort());
    expect((await deactivated()).map((finding) => finding.account)).toEqual([other]);
  });

  it('goes by what was decided and by who signed in a moment ago, whatever it knew before', async () => {
    const { acme, clock } = server;
    await acme.policy('dormant-90', watching('dormant', { after: 'P90D' }));
    const [closed, back, silent] = [await comes(server, 'ada'), await comes(server, 'bo'), await comes(server, 'cleo')];
    clock.advance(90 * DAY);
    await scanned(server);
    const known = await findings(server, { kind: 'dormant' });
    const watch = watchesOf(await server.catalog.current(), 'acme').find(({ kind }) => kind === 'dormant') as Watch;
    const finding = known.find(({ account }) => account === closed)?.finding;
    const accepted = { reason: 'on leave', until: new Date(clock.now().getTime() + DAY).toISOString() };
    expect((await server.post(`/api/v1/findings/${finding}/accept`, accepted)).status).toBe(200);
    clock.advance(1000);
    await signsIn(server, back, 1);
    const now = clock.now().toISOString();
    await server.app
      .get(FindingActions, { strict: false })
      .actUpon({ ...watch, action: 'deactivate' }, known as never, now);
    await server.settle();
    expect((await deactivated()).map(({ account }) => account)).toEqual([silent]);
  });

  it('leaves accounts for emergencies alone, and lets them take nobody’s place', async () => {
    const { acme } = server;
    await acme.policy('unsponsored', watching('unsponsored', { action: 'deactivate', maxPerRun: 1 }));
    const glass = await acme.person('glass', { kind: 'breakGlass' });
    const robot = await acme.person('robot', { kind: 'service' });
    await scanned(server);
    await scanned(server);
    await scanned(server);
    const acted = (await findings(server, { kind: 'unsponsored' })).filter((finding) => finding.acted !== null);
    expect(new Set(acted.map(({ account }) => account))).toEqual(new Set([robot]));
    expect((await acme.state('glass')).status).toBe('active');
    expect((await acme.state('robot')).status).toBe('deactivated');
    expect(glass).not.toBe(robot);
  });
});

describe('a policy that cannot act on somebody', () => {
  it('tries again, and leaves the room of its cap to those whom it has not tried', async () => {
    const { acme, clock, commands } = server;
    await acme.policy('dormant-90', watching('dormant', { after: 'P90D' }));
    const stuck = await comes(server, 'stuck');
    clock.advance(DAY);
    const other = await comes(server, 'other');
    clock.advance(90 * DAY);
    await scanned(server);
    await acme.policy('dormant-90', watching('dormant', { after: 'P90D', action: 'deactivate', maxPerRun: 1 }));
    expect(await nextRun()).toMatchObject({ accounts: [stuck], waiting: 1 });
    const execute = commands.execute.bind(commands);
    const failing = jest.spyOn(commands, 'execute').mockImplementation(async (command) => {
      if (command instanceof RunAccountCommand && command.account === stuck) throw new Error('It cannot be read.');
      return execute(command);
    });
    const deactivatedAfter = async (ms: number) => {
      clock.advance(ms);
      await scanned(server);
      return (await deactivated()).map(({ account }) => account);
    };
    expect(await deactivatedAfter(0)).toEqual([]);
    expect(await deactivatedAfter(DAY)).toEqual([other]);
    failing.mockRestore();
    expect((await deactivatedAfter(DAY)).sort()).toEqual([stuck, other].sort());
  });
});

describe('a policy that asks for a review', () => {
  it('has one opened for each finding, once', async () => {
    const { acme, clock } = server;
    await acme.person('olga');
    const account = await comes(server, 'ada', { roles: ['crm.reader'], manager: 'olga' });
    clock.advance(90 * DAY);
    await acme.policy('dormant-90', watching('dormant', { after: 'P90D', action: 'review' }));
    await scanned(server);
    await scanned(server);
    await scanned(server);
    const [found] = (await findings(server, { kind: 'dormant' })).filter((each) => each.account === account);
    expect(found?.acted).toMatchObject({ action: 'review', review: expect.any(String) });
    const answer = await server.ask(`/api/v1/review-items?account=${account}`);
    expect(await answer.json()).toMatchObject({ items: [{ review: found?.acted?.review, role: 'crm.reader' }] });
  });
});
