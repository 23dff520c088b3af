/** The course that questions take: stages, other people who are asked, what was decided before, ends that are put, silence, and the signature. */
import { readHistory } from '#libs/event-store';
import { streamName } from '#libs/kernel';
import { type GovernanceServer, startGovernance } from '../governance-server.fixture.js';
import { NOTICE_OUTBOX } from '../notices/notices.tokens.js';
import { ClosingReviews } from './closing-reviews.js';
import { ReviewersGone } from './reviewers-gone.js';
import { asks, DAY, decided, itemsOf, opened, reviewOf, scopeOf } from './reviewing.fixture.js';

const MINUTE = 60_000;

let server: GovernanceServer;
beforeAll(async () => {
  server = await startGovernance();
  const { acme } = server;
  for (const userName of ['olga', 'mia']) await acme.person(userName);
  for (const userName of ['ada', 'bob', 'cyd', 'dan']) {
    await acme.person(userName, { department: 'sales', title: 'agent' });
    await acme.give(userName, 'crm.reader');
  }
  await acme.give('ada', 'prod.admin');
  await server.settle();
}, 60_000);
afterAll(() => server.close());

const id = (userName: string) => server.acme.accountOf(userName);
const only = async (review: string) => (await itemsOf(server, { review }))[0];
const about = (userName: string) => scopeOf(['crm.reader'], [userName]);
const later = (ms: number) => new Date(server.clock.now().getTime() + ms).toISOString();

/** Moves the clock on; the read model has everything of before. */
async function pass(ms: number): Promise<void> {
  await server.settle();
  server.clock.advance(ms);
}

describe('a review in two stages', () => {
  it('asks the second when the first has certified, and is answered when both have', async () => {
    const stages = [asks('mia'), asks('olga')];
    const review = await opened(server, 'two stages', { stages, due: 'P4D', scope: about('ada') });
    const first = await only(review);
    expect(first).toMatchObject({ stage: 0, stages: 2, reviewers: [id('mia')] });
    expect(first?.stageDueAt.toISOString()).toBe(later(2 * DAY));
    await expect(decided(server, 'olga', first?.item, { decision: 'certify' })).rejects.toMatchObject({
      code: 'not-a-reviewer',
    });
    const { item } = await decided(server, 'mia', first?.item, { decision: 'certify' });
    expect(item).toMatchObject({ status: 'open', stage: 1, reviewers: [id('olga')], stageDueAt: item.dueAt });
    await server.settle();
    expect(await only(review)).toMatchObject({ status: 'open', stage: 1, reviewers: [id('olga')] });
    const end = await decided(server, 'olga', first?.item, { decision: 'certify' });
    expect(end.item).toMatchObject({ status: 'closed', outcome: 'certified' });
  });

  it('reminds in every stage, in the middle of one that is shorter than the notice', async () => {
    const stages = [asks('mia'), asks('olga')];
    const over = { stages, due: 'P4D', reminders: ['P3D'], scope: about('bob') };
    const review = await opened(server, 'short stages', over);
    await pass(DAY - MINUTE);
    await pass(MINUTE);
    await server.until(async () => (await only(review))?.reminders === 1);
    const asked = await only(review);
    await decided(server, 'mia', asked?.item, { decision: 'certify' });
    await server.settle();
    expect(await only(review)).toMatchObject({ stage: 1, reminders: 0, remindedAt: null });
    await pass(1.5 * DAY);
    await server.until(async () => (await only(review))?.reminders === 1);
  });
});

describe('time that runs out', () => {
  it('has somebody else asked as well, once', async () => {
    const escalation = { before: 'P1D', to: ['olga'] };
    const review = await opened(server, 'escalated', {
      stages: [asks('mia')],
      due: 'P3D',
      escalation,
      scope: about('cyd'),
    });
    await pass(2 * DAY);
    const asked = await server.until(async () => {
      const now = await only(review);
      return now?.escalated && now;
    });
    expect(asked).toMatchObject({ reviewers: [id('mia'), id('olga')], reviewersAs: 'named', status: 'open' });
    const { item } = await decided(server, 'olga', asked.item, { decision: 'certify' });
    expect(item.outcome).toBe('certified');
  });

  it('is looked into once also where it leads to nobody else', async () => {
    const escalation = { before: 'P1D', to: ['ghost'] };
    const review = await opened(server, 'in vain', {
      stages: [asks('mia')],
      due: 'P3D',
      escalation,
      scope: about('cyd'),
    });
    await pass(2 * DAY);
    await server.until(async () => (await only(review))?.escalated);
    expect(await only(review)).toMatchObject({ reviewers: [id('mia')], status: 'open' });
  });
});

describe('a grant that is to end', () => {
  it('ends then, and no rule gives the role longer', async () => {
    const review = await opened(server, 'reduced', { stages: [asks('mia')], scope: about('dan') });
    const until = later(5 * DAY);
    const asked = await only(review);
    const { item } = await decided(server, 'mia', asked?.item, { decision: 'reduce', until });
    expect(item).toMatchObject({ status: 'closed', outcome: 'reduced', decision: { until } });
    const { grants, withheld } = await server.acme.state('dan');
    expect([...grants.values()].map((grant) => grant.until)).toEqual([until]);
    expect(withheld.get('crm.reader')).toMatchObject({ from: until, decision: item.decision?.event });
    await server.settle();
    expect(await only(review)).toMatchObject({ outcome: 'reduced', effectAfterMs: 0, because: expect.any(String) });
  });
});

describe('what was certified not long ago', () => {
  const carryForward = { validFor: 'P90D' };

  it('is not asked again, unless the policy wants it, the role is privileged, or it is too long ago', async () => {
    const stages = [asks('mia')];
    const first = await opened(server, 'first', { stages, scope: scopeOf([], ['ada']) });
    for (const { item } of await itemsOf(server, { review: first }))
      await decided(server, 'mia', item, { decision: 'certify' });
    await pass(DAY);
    const outcomes = async (title: string, over: object) => {
      const review = await opened(server, title, { stages, scope: scopeOf([], ['ada']), ...over });
      await server.settle();
      const items = await itemsOf(server, { review });
      return items.map(({ role, outcome, status }) => `${role} ${outcome ?? status}`).sort();
    };
    expect(await outcomes('second', { carryForward })).toEqual(['crm.reader carriedForward', 'prod.admin open']);
    expect(await outcomes('control', { carryForward, control: 'CC6.2' })).toEqual([
      'crm.reader open',
      'prod.admin open',
    ]);
    expect(await outcomes('everything', {})).toEqual(['crm.reader open', 'prod.admin open']);
    expect(await outcomes('expired', { carryForward: { validFor: 'PT12H' } })).toContain('crm.reader open');
  });

  it('names the decision that it rests on, and a review with nothing else is complete', async () => {
    const review = await opened(server, 'nothing else', { stages: [asks('mia')], carryForward, scope: about('ada') });
    await server.settle();
    expect(await reviewOf(server, review)).toMatchObject({ status: 'closed', items: 1, carriedForward: 1 });
    expect(await only(review)).toMatchObject({
      outcome: 'carriedForward',
      because: expect.any(String),
      decision: null,
    });
  });
});

describe('a question that nobody could be asked', () => {
  it('is put as soon as there is somebody, and not again to whoever abstains', async () => {
    const review = await opened(server, 'nobody', { stages: [asks('zara')], scope: about('bob') });
    expect(await only(review)).toMatchObject({ reviewers: [], reviewersAs: 'nobody' });
    await server.acme.person('zara');
    await pass(2 * MINUTE);
    const asked = await server.until(async () => {
      const now = await only(review);
      return now?.reviewers.length === 1 && now;
    });
    expect(asked).toMatchObject({ reviewers: [id('zara')], reviewersAs: 'named' });
    await server.settle();
    expect(await whyAsked(asked.item)).toEqual(['reviewer-found']);
    await decided(server, 'zara', asked.item, { decision: 'abstain' });
    await server.settle();
    expect(await only(review)).toMatchObject({ reviewers: [], status: 'open' });
    await server.app.get(ReviewersGone, { strict: false }).findMissing();
    await server.settle();
    expect(await only(review)).toMatchObject({ reviewers: [], status: 'open' });
  });

  it('because the reviewer’s account is past its end, is put to the fallback', async () => {
    await server.acme.person('tom', { kind: 'external', expiresAt: later(DAY) });
    const review = await opened(server, 'expires', { stages: [asks('tom', 'olga')], scope: about('bob') });
    expect(await only(review)).toMatchObject({ reviewers: [id('tom')] });
    await pass(2 * DAY);
    const asked = await server.until(async () => {
      const now = await only(review);
      return now?.reviewers[0] === id('olga') && now;
    });
    expect(asked).toMatchObject({ reviewersAs: 'fallback' });
    expect(await whyAsked(asked.item)).toEqual(['reviewer-gone']);
  });
});

describe('the signature under a review', () => {
  it('is never of somebody who decided in it, however short the time since', async () => {
    const review = await opened(server, 'signed', { stages: [asks('mia')], scope: about('bob') });
    const asked = await only(review);
    const closing = server.app.get(ClosingReviews, { strict: false });
    const say = (doing: string) => ({ tenant: 'acme', review, reason: 'done', metadata: server.acme.metadata(doing) });
    const sign = (userName: string) =>
      closing.signOff({
        ...say(`sign ${userName}`),
        by: { account: id(userName), via: 'session', apiKey: null },
        mayOwn: true,
      });
    await expect(sign('olga')).rejects.toMatchObject({ code: 'access-review-not-finished' });
    await decided(server, 'mia', asked?.item, { decision: 'certify' });
    await server.until(async () => (await reviewOf(server, review))?.status === 'closed');
    await expect(sign('mia')).rejects.toMatchObject({ code: 'sign-off-by-reviewer' });
    expect((await sign('olga')).review.status).toBe('signedOff');
  });
});

describe('silence that means what was recommended', () => {
  /** Says of mia that mail of this kind has reached her. */
  async function told(review: string, kind: string, notice: string): Promise<void> {
    const outbox = server.app.get(NOTICE_OUTBOX, { strict: false });
    const about = { noun: 'review', id: review, items: 3 };
    await outbox.add([{ id: notice, tenant: 'acme', kind, channel: 'smtp', recipient: id('mia'), about, dueAt: null }]);
    await outbox.sent({ id: notice });
  }

  it('revokes only that, waits for confirmation of exactly that, and no confirmation outlives a change', async () => {
    await pass(40 * DAY);
    await server.acme.person('new', { department: 'sales', title: 'agent' });
    await server.acme.give('new', 'crm.reader');
    await server.settle();
    const review = await opened(server, 'recommended', {
      stages: [asks('mia')],
      due: 'P3D',
      reminders: ['P1D'],
      noResponse: 'recommendation',
      maxRevocations: { percent: 0, atLeast: 1 },
      scope: scopeOf(['crm.reader'], ['ada', 'bob', 'cyd', 'new']),
    });
    const items = await itemsOf(server, { review });
    expect(items.map(({ recommendation }) => recommendation.decision).sort()).toEqual([
      'none',
      'revoke',
      'revoke',
      'revoke',
    ]);
    await told(review, 'review-items', '11111111-1111-4111-8111-111111111111');
    await pass(2 * DAY);
    await server.until(async () => (await itemsOf(server, { review })).every(({ reminders }) => reminders === 1));
    await told(review, 'review-reminder', '22222222-2222-4222-8222-222222222222');
    await pass(DAY);
    const held = await server.until(async () => (await reviewOf(server, review))?.held);
    expect(held).toMatchObject({ revocations: 3, items: 4, limit: 1 });
    const bobs = items.find(({ account }) => account === id('bob'));
    await decided(server, 'mia', bobs?.item, { decision: 'certify' });

    const closing = server.app.get(ClosingReviews, { strict: false });
    const confirm = (hash: string | null) => {
      const metadata = server.acme.metadata(`confirm ${hash}`);
      return closing.close({
        tenant: 'acme',
        review,
        reason: 'seen',
        confirm: hash,
        metadata,
      });
    };
    await expect(confirm(held.confirm)).rejects.toMatchObject({ code: 'access-review-held' });
    await server.settle();
    const anew = (await reviewOf(server, review))?.held;
    expect(anew).toMatchObject({ revocations: 2, items: 4 });
    expect((await server.acme.state('ada')).grants.size).toBe(2);
    expect((await confirm(anew?.confirm ?? null)).review.status).toBe('closed');
    await server.settle();
    expect(await reviewOf(server, review)).toMatchObject({ outcomes: { revoked: 2, certified: 1, expired: 1 } });
    expect((await server.acme.state('new')).grants.size).toBe(1);
  }, 60_000);
});

/** Why others were asked about an item, in order. */
async function whyAsked(item: string): Promise<string[]> {
  const stream = streamName({ category: 'reviewItem', tenant: 'acme', id: item });
  const { events } = await readHistory(server.path, stream);
  const assigned = events.filter(({ type }) => type === 'ReviewItemAssigned');
  return assigned.map(({ data }) => (data as { why: string }).why);
}
