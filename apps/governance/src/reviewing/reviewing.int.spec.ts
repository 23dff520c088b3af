/** Reviews by themselves: what happens opens them, decisions take effect, time and change close what is left. On a real database. */
import { findAccessReviews, findReviewItems } from '#libs/read-model';
import { type GovernanceServer, startGovernance } from '../governance-server.fixture.js';
import { reviewPolicy } from '../governance-world.fixture.js';
import { DecideItem } from './decide-item.js';

const PRIVILEGED = reviewPolicy({ triggers: ['privilegedRoleGranted'] });

let server: GovernanceServer;
beforeAll(async () => {
  server = await startGovernance();
  await server.acme.person('olga');
  await server.acme.policy('privileged-grants', PRIVILEGED);
}, 60_000);
afterAll(() => server.close());

const reviews = () => findAccessReviews(server.database, { tenant: 'acme', limit: 100 });
const itemsOf = async (userName: string, status?: string) => {
  const account = server.acme.accountOf(userName);
  const query = { tenant: 'acme', account, limit: 100, ...(status ? { status: [status] } : {}) };
  return (await findReviewItems(server.database, query)).items;
};

/** The owner of the role says something about somebody's only open item. */
async function decide(userName: string, decision: 'certify' | 'revoke' | 'reduce', until: string | null = null) {
  const [item] = await itemsOf(userName, 'open');
  return server.app.get(DecideItem, { strict: false }).decide({
    tenant: 'acme',
    item: item?.item ?? '',
    decision: { decision, reason: 'test', until, to: null },
    by: { account: server.acme.accountOf('olga'), via: 'session', apiKey: null },
    bulk: false,
    tookMs: null,
    metadata: server.acme.metadata(`${decision} ${userName}`),
  });
}

describe('a privileged role that somebody is given', () => {
  it('is put to its owner at once', async () => {
    await server.acme.person('ada');
    const grant = await server.acme.give('ada', 'prod.admin');
    await server.settle();
    expect(await itemsOf('ada')).toEqual([
      expect.objectContaining({
        grant,
        cause: 'privilegedRoleGranted',
        policy: 'privileged-grants',
        reviewers: [server.acme.accountOf('olga')],
        reviewersAs: 'roleOwner',
        status: 'open',
      }),
    ]);
  });

  it('is revoked for good: sessions end, the item is closed with its effect', async () => {
    const { item } = await decide('ada', 'revoke');
    expect(item).toMatchObject({ status: 'closed', outcome: 'revoked' });
    const { grants, withheld } = await server.acme.state('ada');
    expect([grants.size, withheld.get('prod.admin')?.decision]).toEqual([0, item.decision?.event]);
    await server.settle();
    expect(await itemsOf('ada')).toMatchObject([{ status: 'closed', outcome: 'revoked', because: expect.any(String) }]);
  });

  it('ends the review when nothing is left to decide', async () => {
    const closed = await server.until(async () => {
      const { items } = await reviews();
      return items.find(({ status }) => status === 'closed');
    });
    expect(closed).toMatchObject({ closedCode: 'complete', outcomes: { revoked: 1 } });
  });

  it('which is ordinary opens nothing', async () => {
    await server.acme.person('bob');
    await server.acme.give('bob', 'crm.reader');
    await server.settle();
    expect(await itemsOf('bob')).toEqual([]);
  });

  it('and that is taken back again leaves nothing to decide', async () => {
    await server.acme.person('cyd');
    const grant = await server.acme.give('cyd', 'prod.admin');
    await server.settle();
    const data = { grant, withhold: false, decision: null, reason: 'test' };
    const { events } = await server.acme.run('cyd', { type: 'RevokeGrant', data });
    await server.settle();
    expect(await itemsOf('cyd')).toMatchObject([{ status: 'closed', outcome: 'moot', because: events[0]?.id }]);
  });
});

it('a governance server that reads everything anew opens nothing twice', async () => {
  await server.until(async () => (await reviews()).items.every(({ status }) => status === 'closed'));
  await server.settle();
  const before = [(await reviews()).items.length, await server.path.store.head()];
  await server.database.query('delete from governance.places');
  server = await server.restart();
  await server.settle();
  expect([(await reviews()).items.length, await server.path.store.head()]).toEqual(before);
}, 30_000);
