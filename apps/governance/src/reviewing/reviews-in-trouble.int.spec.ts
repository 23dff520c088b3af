/** What goes wrong with one review or item stays with it, and a review that waits for confirmation can always be confirmed. */
import { findReviewItems } from '#libs/read-model';
import { type GovernanceServer, startGovernance } from '../governance-server.fixture.js';
import { NOTICE_OUTBOX } from '../notices/notices.tokens.js';
import { AccountFactsReader } from './account-facts.js';
import { ClosingReviews } from './closing-reviews.js';
import { FindingReviews } from './finding-reviews.js';
import { ReviewLog } from './review-log.js';
import { ReviewOpening } from './review-opening.js';
import { asks, DAY, decided, itemsOf, opened, reviewOf, scopeOf } from './reviewing.fixture.js';

let server: GovernanceServer;
beforeAll(async () => {
  server = await startGovernance();
  for (const name of ['mia', 'olga']) await server.acme.person(name);
  await server.acme.person('p0', { manager: 'mia' });
  await server.acme.person('p1', { manager: 'olga' });
  await server.acme.person('p2', { manager: 'mia' });
  for (const name of ['p0', 'p1', 'p2']) await server.acme.give(name, 'crm.reader');
  await server.settle();
}, 120_000);
afterAll(() => server.close());
afterEach(() => jest.restoreAllMocks());

let notices = 0;
/** A mail about a review reaches somebody. */
async function told(review: string, userName: string, ...kinds: string[]): Promise<void> {
  const outbox = server.app.get(NOTICE_OUTBOX, { strict: false });
  for (const kind of kinds) {
    notices += 1;
    const id = `00000000-0000-4000-8000-${notices.toString().padStart(12, '0')}`;
    const about = { noun: 'review', id: review, items: 1 };
    const recipient = server.acme.accountOf(userName);
    await outbox.add([{ id, tenant: 'acme', kind, channel: 'smtp', recipient, about, dueAt: null }]);
    await outbox.sent({ id });
  }
}

const SILENT = {
  due: 'P3D',
  noResponse: 'revoke',
  reminders: ['P1D'],
  maxRevocations: { percent: 0, atLeast: 0 },
} as const;
const BY_MANAGER = [{ reviewers: [{ kind: 'manager' as const, principal: null }], fallback: [] }];
const reminded = (review: string) =>
  server.until(async () => (await itemsOf(server, { review })).every(({ reminders }) => reminders === 1));

describe('a held review', () => {
  it('can be confirmed when what waits has changed and changed back', async () => {
    const terms = { ...SILENT, reminders: [...SILENT.reminders], stages: BY_MANAGER };
    const review = await opened(server, 'there and back', { ...terms, scope: scopeOf(['crm.reader'], ['p0', 'p1']) });
    await told(review, 'mia', 'review-items');
    server.clock.advance(2 * DAY);
    await reminded(review);
    await told(review, 'mia', 'review-reminder');
    server.clock.advance(DAY);
    const log = server.app.get(ReviewLog, { strict: false });
    const first = await server.until(async () => (await log.review('acme', review)).hold);
    expect(first).toMatchObject({ revocations: 1 });

    await told(review, 'olga', 'review-items', 'review-reminder');
    const closing = server.app.get(ClosingReviews, { strict: false });
    const close = (confirm: string, nth: number) =>
      closing.close({
        tenant: 'acme',
        review,
        reason: 'seen',
        confirm,
        metadata: server.acme.metadata(`there and back ${nth}`),
      });
    await expect(close(first.confirm, 1)).rejects.toMatchObject({ code: 'access-review-held' });
    const second = (await log.review('acme', review)).hold;
    expect(second).toMatchObject({ revocations: 2 });

    const ofP1 = (await itemsOf(server, { review, account: server.acme.accountOf('p1') }))[0];
    await decided(server, 'olga', ofP1?.item, { decision: 'certify' });
    await expect(close(second?.confirm ?? '', 2)).rejects.toMatchObject({ code: 'access-review-held' });
    expect((await close(first.confirm, 3)).review.status).toBe('closed');
    await server.settle();
    expect(await reviewOf(server, review)).toMatchObject({ outcomes: { revoked: 1, certified: 1 } });
  }, 60_000);
});

describe('silence about what was passed on', () => {
  it('revokes nothing of which its new reviewer was not told: a mail about other items was not about it', async () => {
    const terms = { ...SILENT, reminders: [...SILENT.reminders], stages: [asks('mia')] };
    const review = await opened(server, 'passed on', { ...terms, scope: scopeOf(['crm.reader'], ['p1', 'p2']) });
    const [own, passed] = await itemsOf(server, { review });
    await told(review, 'olga', 'review-items');
    server.clock.advance(2 * DAY);
    await reminded(review);
    await told(review, 'olga', 'review-reminder');
    server.clock.advance(DAY / 24);
    const to = server.acme.accountOf('olga');
    await decided(server, 'mia', passed?.item, { decision: 'reassign', to });
    await decided(server, 'mia', own?.item, { decision: 'certify' });
    server.clock.advance(DAY);
    await server.until(async () => (await reviewOf(server, review))?.status === 'closed');
    await server.settle();
    expect(await reviewOf(server, review)).toMatchObject({ outcomes: { certified: 1, expired: 1 } });
  }, 60_000);
});

describe('an item that cannot be read', () => {
  it('holds up no other review', async () => {
    const terms = { noResponse: 'keep', stages: [asks('mia')] } as const;
    const scope = scopeOf(['crm.reader'], ['p2']);
    const broken = await opened(server, 'broken', { ...terms, stages: [...terms.stages], scope, due: 'P1D' });
    const whole = await opened(server, 'whole', { ...terms, stages: [...terms.stages], scope, due: 'P2D' });
    const [{ item: bad } = { item: '' }] = await itemsOf(server, { review: broken });
    const log = server.app.get(ReviewLog, { strict: false });
    const read = log.item.bind(log);
    jest.spyOn(log, 'item').mockImplementation(async (tenant, item) => {
      if (item === bad) throw new Error('unreadable');
      return read(tenant, item);
    });
    server.clock.advance(2 * DAY);
    await server.until(async () => (await reviewOf(server, whole))?.status === 'closed');
    expect(await reviewOf(server, broken)).toMatchObject({ status: 'open' });
    expect(server.logged.join('')).toContain('something that reviews need failed');
    jest.restoreAllMocks();
    await server.until(async () => (await reviewOf(server, broken))?.status === 'closed');
  }, 60_000);
});

describe('a review whose maker died before it was complete', () => {
  it('counts the items that were open already, also when they would not be opened now', async () => {
    const account = server.acme.accountOf('p2');
    const { events } = await server.app.get(AccountFactsReader, { strict: false }).read('acme', account);
    const finding = {
      tenant: 'acme',
      finding: account,
      policy: null,
      account,
      grants: null,
      cause: events[0] as never,
    };
    const opening = server.app.get(ReviewOpening, { strict: false });
    const about = jest.spyOn(opening, 'openAbout');
    jest.spyOn(opening, 'populated').mockRejectedValueOnce(new Error('died'));
    await expect(server.app.get(FindingReviews, { strict: false }).open(finding)).rejects.toThrow('died');
    const [wanted, , cause] = about.mock.calls[0] ?? [];
    if (!wanted || !cause) throw new Error('Nothing was opened.');
    await opening.openAbout(wanted, [], cause);
    const { items, status } = await server.app.get(ReviewLog, { strict: false }).review('acme', wanted.review);
    const known = await findReviewItems(server.database, { tenant: 'acme', review: wanted.review, limit: 10 });
    expect({ items, status }).toEqual({ items: known.items.length, status: 'open' });
    expect(items).toBeGreaterThan(0);
  });
});
