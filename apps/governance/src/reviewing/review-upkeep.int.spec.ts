/** What becomes of questions while they are open, and of decisions whose maker died: nothing is forgotten, nothing is asked in vain. */
import { decideAndAppend } from '#libs/event-store';
import { streamName } from '#libs/kernel';
import { findAccessReviews, findReviewItems } from '#libs/read-model';
import { type GovernanceServer, startGovernance } from '../governance-server.fixture.js';
import { reviewPolicy } from '../governance-world.fixture.js';
import { NOTICE_OUTBOX } from '../notices/notices.tokens.js';
import { AccountFactsReader } from './account-facts.js';
import { AdHocReviews } from './ad-hoc-reviews.js';
import { ClosingReviews } from './closing-reviews.js';
import { DecideItem } from './decide-item.js';
import { FindingReviews } from './finding-reviews.js';
import { ReviewLog } from './review-log.js';

const DAY_MS = 86_400_000;
const PEOPLE = 4;

let server: GovernanceServer;
beforeAll(async () => {
  server = await startGovernance();
  await server.acme.person('olga');
  for (let nth = 0; nth < PEOPLE; nth += 1) {
    await server.acme.person(`p${nth}`, { department: 'sales', title: 'agent' });
    await server.acme.give(`p${nth}`, 'crm.reader');
  }
  await server.settle();
}, 120_000);
afterAll(() => server.close());

const review = async (id: string) => {
  const { items } = await findAccessReviews(server.database, { tenant: 'acme', limit: 100 });
  return items.find((one) => one.review === id);
};
const itemsOf = async (id: string) =>
  (await findReviewItems(server.database, { tenant: 'acme', review: id, limit: 100 })).items;

async function open(title: string, over: Parameters<typeof reviewPolicy>[0] = {}, people: string[] = []) {
  const scope = { roles: ['crm.reader'], applications: [], people, connections: [], privileged: false, orphans: false };
  const { review: id } = await server.app.get(AdHocReviews, { strict: false }).open({
    tenant: 'acme',
    title,
    policy: null,
    terms: reviewPolicy({ scope, ...over }),
    reason: null,
    metadata: server.acme.metadata(title),
  });
  await server.until(async () => (await review(id))?.status === 'open');
  return id;
}

/** A sign-in finds somebody in another department. */
async function moveTo(userName: string, department: string): Promise<void> {
  const { profile } = await server.acme.state(userName);
  const source = { kind: 'signIn', connection: 'okta', connectionVersion: 1, protocol: 'saml', issuer: null } as const;
  const data = {
    account: server.acme.accountOf(userName),
    source,
    evidence: null,
    changed: ['department'],
    profile: { ...profile, department },
    emailVerified: false,
    lost: [],
    reason: null,
  };
  const stream = streamName({ category: 'account', tenant: 'acme', id: data.account });
  const decider = { initialState: null, decide: () => [{ type: 'ProfileUpdated', data }], evolve: () => null };
  const metadata = server.acme.metadata(`${userName} in ${department}`);
  await decideAndAppend(server.path, stream, decider, { type: 'Move', data, metadata });
}

const byOlga = () => ({ account: server.acme.accountOf('olga'), via: 'session', apiKey: null }) as const;

describe('a decision whose maker died before it took effect', () => {
  it('takes effect all the same, once', async () => {
    const id = await open('died', {}, ['p0']);
    const [{ item = '' } = {}] = await itemsOf(id);
    const log = server.app.get(ReviewLog, { strict: false });
    const accounts = server.app.get(AccountFactsReader, { strict: false });
    const state = await log.item('acme', item);
    const facts = accounts.decisionFacts(await accounts.read('acme', state.account), state);
    const { account: by, via, apiKey } = byOlga();
    const said = { by, via, apiKey, reason: 'left the team', bulk: false, tookMs: null, stage: 0, facts };
    const { terms } = await log.review('acme', id);
    const rest = {
      terms: terms ?? reviewPolicy(),
      approvedBy: new Set<string>(),
      until: null,
      next: null,
      fallback: null,
    };
    const data = { ...said, ...rest, decision: 'revoke' } as const;
    const metadata = server.acme.metadata('died');
    expect((await log.runItem(item, { type: 'DecideItem', data, metadata })).state.status).toBe('revoking');
    await server.until(async () => (await log.item('acme', item)).status === 'closed');
    expect(await log.item('acme', item)).toMatchObject({ outcome: 'revoked' });
    await server.settle();
    expect((await server.acme.state('p0')).grants.size).toBe(0);
    const { events } = await accounts.read('acme', state.account);
    const revoked = events.filter(({ type }) => type === 'AccessRevoked');
    expect(revoked).toHaveLength(1);
    expect(revoked[0]?.metadata.correlationId).toBe(metadata.correlationId);
  });
});

describe('what was certified', () => {
  const certified = async (item = '') => {
    const decision = { decision: 'certify', reason: null, until: null, to: null } as const;
    const metadata = server.acme.metadata(`certify ${item}`);
    const how = { by: byOlga(), bulk: false, tookMs: null, metadata };
    return (await server.app.get(DecideItem, { strict: false }).decide({ tenant: 'acme', item, decision, ...how }))
      .item;
  };

  it('is asked again when it is not so any more', async () => {
    const id = await open('changes', {}, ['p1', 'p2']);
    const first = (await itemsOf(id)).find(({ account }) => account === server.acme.accountOf('p1'));
    expect(await certified(first?.item)).toMatchObject({ status: 'closed', outcome: 'certified' });
    await server.settle();
    await moveTo('p1', 'legal');
    const again = await server.until(async () => {
      const now = (await itemsOf(id)).find(({ item }) => item === first?.item);
      return now?.status === 'open' && now;
    });
    expect(again).toMatchObject({ reviewers: [server.acme.accountOf('olga')], decision: null });
  });

  it('stays on record as it was once its review is closed: then a new review asks', async () => {
    await server.acme.policy('moves', reviewPolicy({ triggers: ['departmentChanged'] }));
    const id = await open('over', {}, ['p3']);
    const [{ item, account } = { item: '', account: '' }] = await itemsOf(id);
    await certified(item);
    await server.until(async () => (await review(id))?.status === 'closed');
    await moveTo('p3', 'legal');
    await server.settle();
    expect(await itemsOf(id)).toMatchObject([{ status: 'closed', outcome: 'certified' }]);
    const asked = { tenant: 'acme', account, status: ['open'], limit: 10 };
    const { items } = await findReviewItems(server.database, asked);
    expect(items).toMatchObject([{ cause: 'departmentChanged', policy: 'moves', role: 'crm.reader' }]);
  });
});

describe('silence that would revoke too much', () => {
  it('waits for somebody to confirm exactly that', async () => {
    const over = {
      due: 'P3D',
      noResponse: 'revoke',
      reminders: ['P1D'],
      maxRevocations: { percent: 0, atLeast: 1 },
    } as const;
    const id = await open('held', { ...over, reminders: ['P1D'] }, ['p2', 'p3']);
    const outbox = server.app.get(NOTICE_OUTBOX, { strict: false });
    const recipient = server.acme.accountOf('olga');
    const tell = async (kind: string, notice: string) => {
      const about = { noun: 'review', id, items: 2 };
      await outbox.add([{ id: notice, tenant: 'acme', kind, channel: 'smtp', recipient, about, dueAt: null }]);
      await outbox.sent({ id: notice });
    };
    await tell('review-items', '11111111-1111-4111-8111-111111111111');
    server.clock.advance(2 * DAY_MS);
    await server.until(async () => (await itemsOf(id)).every(({ reminders }) => reminders === 1));
    await tell('review-reminder', '22222222-2222-4222-8222-222222222222');
    server.clock.advance(DAY_MS);
    const held = await server.until(async () => {
      const now = await review(id);
      return now?.status === 'held' && now.held;
    });
    expect(held).toMatchObject({ revocations: 2, limit: 1 });
    expect((await server.acme.state('p2')).grants.size).toBe(1);

    const closing = server.app.get(ClosingReviews, { strict: false });
    const ask = (confirm: string | null) => ({
      tenant: 'acme',
      review: id,
      by: null,
      reason: 'seen',
      confirm,
      metadata: server.acme.metadata(`confirm ${confirm}`),
    });
    await expect(closing.close(ask(null))).rejects.toMatchObject({ code: 'access-review-held' });
    expect((await closing.close(ask(held.confirm))).review.status).toBe('closed');
    await server.settle();
    expect(await review(id)).toMatchObject({ outcomes: { revoked: 2 } });
    expect((await server.acme.state('p2')).grants.size).toBe(0);
  }, 60_000);
});

describe('a finding whose policy asks for a review', () => {
  it('has one about everything that the account holds, once', async () => {
    await server.acme.person('zoe');
    await server.acme.give('zoe', 'crm.writer');
    const account = server.acme.accountOf('zoe');
    const { events } = await server.app.get(AccountFactsReader, { strict: false }).read('acme', account);
    const finding = {
      tenant: 'acme',
      finding: account,
      policy: null,
      account,
      grants: null,
      cause: events[0] as never,
    };
    const reviews = server.app.get(FindingReviews, { strict: false });
    const id = await reviews.open(finding);
    expect(await reviews.open(finding)).toBe(id);
    await server.settle();
    expect(await itemsOf(id ?? '')).toMatchObject([{ role: 'crm.writer', cause: 'finding' }]);
  });
});
