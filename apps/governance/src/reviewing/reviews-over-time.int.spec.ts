/** Reviews of many, by the clock and by hand: built from what is on record, reminded of, answered by silence, held, and ended. */
import { findAccessReviews, findReviewItems } from '#libs/read-model';
import { type GovernanceServer, startGovernance } from '../governance-server.fixture.js';
import { reviewPolicy } from '../governance-world.fixture.js';
import { Stint } from '../reading/stint.js';
import { AdHocReviews } from './ad-hoc-reviews.js';
import { ClosingReviews } from './closing-reviews.js';
import { DecideItem } from './decide-item.js';

const PEOPLE = 12;
const DAY_MS = 86_400_000;

let server: GovernanceServer;
beforeAll(async () => {
  server = await startGovernance();
  await server.acme.person('olga');
  await server.acme.person('mia', { department: 'sales' });
  for (let nth = 0; nth < PEOPLE; nth += 1) {
    await server.acme.person(`p${nth}`, { manager: 'mia', department: 'sales', title: 'agent' });
    await server.acme.give(`p${nth}`, 'crm.reader');
  }
  await server.settle();
}, 120_000);
afterAll(() => server.close());

const review = async (id: string) => {
  const { items } = await findAccessReviews(server.database, { tenant: 'acme', limit: 100 });
  return items.find((one) => one.review === id);
};
const itemsOf = async (id: string, status?: string) => {
  const query = { tenant: 'acme', review: id, limit: 5_000, ...(status ? { status: [status] } : {}) };
  return (await findReviewItems(server.database, query)).items;
};

const CRM = { roles: ['crm.reader'], applications: [], people: [], connections: [], privileged: false, orphans: false };
const BY_MANAGER = [{ reviewers: [{ kind: 'manager' as const, principal: null }], fallback: [] }];

async function openByHand(title: string, over: Parameters<typeof reviewPolicy>[0] = {}): Promise<string> {
  const { review: id } = await server.app.get(AdHocReviews, { strict: false }).open({
    tenant: 'acme',
    title,
    policy: null,
    terms: reviewPolicy({ scope: CRM, stages: BY_MANAGER, ...over }),
    reason: null,
    metadata: server.acme.metadata(title),
  });
  await server.until(async () => (await review(id))?.status === 'open');
  return id;
}

describe('a review that somebody opens', () => {
  it('says beforehand whom it would ask', async () => {
    const terms = reviewPolicy({ scope: CRM, stages: BY_MANAGER });
    const { items, byReviewer, complete } = await server.app
      .get(AdHocReviews, { strict: false })
      .count({ tenant: 'acme', terms }, new Stint(new AbortController().signal));
    expect([items, byReviewer.get(server.acme.accountOf('mia')), complete]).toEqual([PEOPLE, PEOPLE, true]);
  });

  it('says that it did not count everything, where that took too long or nobody waits any more', async () => {
    const terms = reviewPolicy({ scope: CRM, stages: BY_MANAGER });
    const reviews = server.app.get(AdHocReviews, { strict: false });
    for (const stint of [new Stint(new AbortController().signal, 0), new Stint(AbortSignal.abort())])
      expect(await reviews.count({ tenant: 'acme', terms }, stint)).toMatchObject({ items: 0, complete: false });
  });

  it('has one item for each grant in its scope, with what is known about it', async () => {
    const id = await openByHand('by hand');
    const items = await itemsOf(id);
    expect(items).toHaveLength(PEOPLE);
    expect(items[0]).toMatchObject({ reviewers: [server.acme.accountOf('mia')], role: 'crm.reader', status: 'open' });
    expect(items[0]?.recommendation.because.join('; ')).toContain('11 of 11 others');
    expect(await review(id)).toMatchObject({ items: PEOPLE, title: 'by hand' });
  });

  it('asks somebody else when a reviewer is gone, and asks again when what was certified has changed', async () => {
    const id = await openByHand('reviewer gone', {
      stages: [{ reviewers: [{ kind: 'named', principal: 'rob' }], fallback: ['olga'] }],
      scope: { ...CRM, people: ['p0'] },
    });
    expect(await itemsOf(id)).toMatchObject([{ reviewersAs: 'fallback' }]);
    await server.acme.person('rob');
    const second = await openByHand('reviewer gone again', {
      stages: [{ reviewers: [{ kind: 'named', principal: 'rob' }], fallback: ['olga'] }],
      scope: { ...CRM, people: ['p0', 'p1'] },
    });
    const source = {
      kind: 'manual',
      connection: null,
      connectionVersion: null,
      protocol: 'manual',
      issuer: null,
    } as const;
    await server.acme.run('rob', { type: 'Deactivate', data: { source, reason: 'test', occurredAt: null } });
    await server.settle();
    const olga = server.acme.accountOf('olga');
    expect((await itemsOf(second)).map(({ reviewers }) => reviewers)).toEqual([[olga], [olga]]);
  });

  it('is ended by hand: what nobody decided stays', async () => {
    const id = await openByHand('ended by hand');
    const closing = server.app.get(ClosingReviews, { strict: false });
    const metadata = server.acme.metadata('close by hand');
    const ask = { tenant: 'acme', review: id, by: null, reason: 'not needed', confirm: null, metadata };
    const first = await closing.close(ask);
    expect(first.review.status).toBe('closed');
    expect(await closing.close(ask)).toMatchObject({ storePosition: first.storePosition });
    await server.settle();
    expect(await review(id)).toMatchObject({ closedCode: 'by-hand', outcomes: { expired: PEOPLE } });
  });
});

describe('two reviewers at once', () => {
  it('have one decision, and the second is told', async () => {
    const id = await openByHand('two at once', { scope: { ...CRM, people: ['p2'] } });
    const [item] = await itemsOf(id);
    const say = (decision: 'certify' | 'revoke', nth: number) =>
      server.app.get(DecideItem, { strict: false }).decide({
        tenant: 'acme',
        item: item?.item ?? '',
        decision: { decision, reason: 'test', until: null, to: null },
        by: { account: server.acme.accountOf('mia'), via: 'session', apiKey: null },
        bulk: false,
        tookMs: null,
        metadata: server.acme.metadata(`at once ${nth}`),
      });
    const answers = await Promise.allSettled([say('certify', 1), say('certify', 2)]);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(answers.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'review-item-closed' },
    });
  });
});

describe('a policy with a schedule', () => {
  it('opens the latest missed occurrence, once', async () => {
    const stages = BY_MANAGER;
    await server.acme.policy('weekly', reviewPolicy({ schedule: '0 6 * * 1', scope: CRM, stages }));
    server.clock.set('2026-03-24T12:00:00.000Z');
    const weekly = () => findAccessReviews(server.database, { tenant: 'acme', policy: 'weekly', limit: 10 });
    await server.until(async () => (await weekly()).items[0]?.status === 'open');
    server = await server.restart();
    await server.until(async () => (await weekly()).items[0]?.status === 'open');
    await server.settle();
    expect((await weekly()).items).toMatchObject([{ cause: 'schedule', title: 'weekly 2026-03-23', items: PEOPLE }]);
  }, 60_000);
});

describe('a policy whose role was retired', () => {
  it('goes on, and asks about what there is', async () => {
    const { acme } = server;
    const schedule = '0 6 1 * *';
    await acme.give('p0', 'crm.writer');
    const both = { ...CRM, roles: ['crm.reader', 'crm.writer'] };
    await acme.policy('both-roles', reviewPolicy({ schedule, scope: both, stages: BY_MANAGER }));
    await acme.policy('only-that', reviewPolicy({ schedule, scope: { ...CRM, roles: ['crm.writer'] } }));
    await acme.retire('crm.writer', 'p0');
    await server.settle();
    server.clock.set('2026-04-01T12:00:00.000Z');
    const opened = async (policy: string) =>
      (await findAccessReviews(server.database, { tenant: 'acme', policy, limit: 10 })).items[0];
    await server.until(async () => (await opened('both-roles'))?.status === 'open');
    await server.until(async () => (await opened('only-that'))?.status === 'closed');
    expect(await opened('only-that')).toMatchObject({ items: 0, closedCode: 'complete' });
    const asked = await itemsOf((await opened('both-roles'))?.review ?? '');
    expect(asked.map(({ role }) => role)).toEqual(Array.from({ length: PEOPLE }, () => 'crm.reader'));
  }, 60_000);
});

describe('silence', () => {
  it('keeps, unless the policy says otherwise', async () => {
    const id = await openByHand('silence keeps', { due: 'P3D', scope: { ...CRM, people: ['p3'] } });
    server.clock.advance(3 * DAY_MS);
    await server.until(async () => (await review(id))?.status === 'closed');
    expect(await review(id)).toMatchObject({ closedCode: 'overdue', outcomes: { expired: 1 } });
    expect((await server.acme.state('p3')).grants.size).toBe(1);
  }, 60_000);

  it('revokes nothing of which nobody was told', async () => {
    const id = await openByHand('silence revokes', { due: 'P3D', noResponse: 'revoke', reminders: ['P1D'] });
    server.clock.advance(2 * DAY_MS);
    await server.until(async () => (await itemsOf(id)).every(({ reminders }) => reminders === 1));
    server.clock.advance(DAY_MS);
    await server.until(async () => (await review(id))?.status === 'closed');
    expect(await review(id)).toMatchObject({ outcomes: { expired: PEOPLE } });
  }, 60_000);
});
