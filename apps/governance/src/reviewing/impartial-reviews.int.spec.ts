/** Nobody answers for themselves by a detour: not by asking, ending, merging, or by what a source said of them. On a real database. */
import type { GrantSource } from '#libs/contracts';
import { type Actor, system } from '#libs/kernel';
import { connectionSettings } from '#libs/testing';
import { Elevations } from '../elevations/elevations.js';
import { comes, recorded } from '../findings/findings.fixture.js';
import { type GovernanceServer, startGovernance } from '../governance-server.fixture.js';
import { reviewPolicy } from '../governance-world.fixture.js';
import { NoticeQueue } from '../notices/notice-queue.js';
import { SodExceptionRecords } from '../sod-exceptions/sod-exception-records.js';
import { ClockTriggers } from './clock-triggers.js';
import { ClosingReviews } from './closing-reviews.js';
import { ReviewerFinder } from './reviewer-finder.js';
import { DAY, HOUR, itemsOf, opened, reviewsOf, scopeOf } from './reviewing.fixture.js';
import { SourcesGone } from './sources-gone.js';

const CHANGE = '3c1f0b62-94a5-4b57-8a0e-5d2f6f7e1a90';

let server: GovernanceServer;
beforeAll(async () => {
  server = await startGovernance();
  for (const userName of ['olga', 'mia', 'eve', 'max']) await server.acme.person(userName);
  await server.acme.connect('entra', connectionSettings());
}, 60_000);
afterAll(() => server.close());

const id = (userName: string) => server.acme.accountOf(userName);
const person = (userName: string): Actor => ({ kind: 'account', id: id(userName) });
const closing = () => server.app.get(ClosingReviews, { strict: false });
const close = (review: string | undefined, actor: Actor) => {
  const metadata = { ...server.acme.metadata(`close ${review} ${actor.id}`), actor };
  return closing().close({ tenant: 'acme', review: review ?? '', reason: 'enough', confirm: null, metadata });
};
const approversOf = async (source: Partial<GrantSource>) => [
  ...(await server.app.get(ReviewerFinder, { strict: false }).approversOf('acme', source as GrantSource)),
];

describe('access that a manager takes for somebody else in an emergency', () => {
  beforeAll(async () => {
    const { acme } = server;
    await acme.policy('elevate-prod', {
      kind: 'elevation',
      roles: ['prod.admin'],
      maxDuration: 'PT4H',
      approvers: [{ kind: 'named', principal: 'mia' }],
      fallback: ['olga'],
      approvals: null,
      breakGlass: true,
      requestValidFor: 'P3D',
    } as never);
    const wanted = { account: id('eve'), role: 'prod.admin', durationMs: HOUR, breakGlass: true, reason: 'outage' };
    const acting = { account: id('mia'), via: 'session', apiKey: null } as const;
    const asking = { metadata: acme.metadata('mia takes it for eve'), acting, mayAdminister: true };
    await server.app.get(Elevations, { strict: false }).request(wanted, asking);
    await server.settle();
  });

  it('is not put to that manager, who would have been asked otherwise', async () => {
    const [item] = await itemsOf(server, { account: id('eve') });
    expect(item).toMatchObject({ cause: 'breakGlass', reviewers: [id('olga')], reviewersAs: 'fallback' });
    expect(await approversOf({ kind: 'elevation', actor: item?.source?.actor ?? null })).toEqual([id('mia')]);
  });

  it('is answered: nobody ends the review over it', async () => {
    const [item] = await itemsOf(server, { account: id('eve') });
    await expect(close(item?.review, person('eve'))).rejects.toMatchObject({ code: 'own-review' });
    await expect(close(item?.review, person('olga'))).rejects.toMatchObject({ code: 'break-glass-unanswered' });
    await expect(close(item?.review, system('test'))).rejects.toMatchObject({ code: 'break-glass-unanswered' });
  });
});

it('whoever gave a grant gave it also under the account that goes on for them', async () => {
  const { acme } = server;
  await acme.person('max-old');
  await acme.run('max-old', { type: 'MergeInto', data: { into: id('max'), reason: 'the same' } } as never);
  const gave = await approversOf({ kind: 'manual', actor: `account:${id('max-old')}` });
  expect(gave.sort()).toEqual([id('max'), id('max-old')].sort());
});

it('whoever gave a grant through a key that they made gave it, and ends no review about themselves through it', async () => {
  const { acme } = server;
  await acme.key(['accounts:write'], person('max'));
  const key = acme.keyOf(['accounts:write'], person('max'));
  expect(await approversOf({ kind: 'manual', actor: `key:${key.id}` })).toEqual([id('max')]);
  await acme.give('max', 'crm.reader');
  await server.settle();
  const review = await opened(server, 'of max', { scope: scopeOf([], ['max']) });
  await expect(close(review, key)).rejects.toMatchObject({ code: 'own-review' });
  expect((await close(review, acme.keyOf(['admin']))).review.status).toBe('closed');
});

it('nobody makes an exception for themselves through a key that they made', async () => {
  const { acme } = server;
  const sod = { kind: 'sod', roles: [['crm.reader'], ['crm.writer']], mode: 'detective', owner: 'olga' };
  await acme.policy('apart', sod as never);
  const wanted = { policy: 'apart', account: id('max'), owner: 'olga', control: 'a second look', reason: 'month end' };
  const until = new Date(server.clock.now().getTime() + DAY).toISOString();
  const grant = (actor: Actor) =>
    server.app
      .get(SodExceptionRecords, { strict: false })
      .grant({ ...wanted, until, by: null }, { ...acme.metadata(`exception by ${actor.id}`), actor });
  await acme.key(['admin'], person('max'));
  const ofMax = acme.keyOf(['admin'], person('max'));
  await expect(grant(ofMax)).rejects.toMatchObject({ code: 'own-sod-exception' });
  expect((await grant(acme.keyOf(['admin']))).state.exists).toBe(true);
});

it('a change in an emergency is told to owners and administrators, save for who made it', async () => {
  const { acme } = server;
  for (const role of ['gatebook.owner', 'gatebook.admin']) await acme.role(role, { application: 'gatebook' }, null);
  await acme.give('mia', 'gatebook.admin');
  await acme.give('olga', 'gatebook.owner');
  await server.settle();
  const add = jest.spyOn(server.app.get(NoticeQueue, { strict: false }), 'add');
  const data = {
    change: CHANGE,
    area: 'policies',
    kind: 'policy',
    target: 'changes',
    changed: ['due'],
    by: `account:${id('mia')}`,
    events: [],
    reason: 'outage',
  };
  await recorded(server, { category: 'heldChange', id: CHANGE }, { type: 'EmergencyChangeRecorded', data });
  await server.settle();
  const [review] = await reviewsOf(server, { cause: 'emergencyChange' });
  const told = add.mock.calls.flatMap(([wanted]) => wanted).filter(({ about }) => about.id === review?.review);
  add.mockRestore();
  expect(told.map(({ recipient, kind }) => [recipient, kind])).toEqual([[id('olga'), 'review-closed']]);
});

it('an account that a sign-in made is an orphan once its only connection is disabled or silent', async () => {
  const { acme, app, clock } = server;
  const ann = await comes(server, 'ann', { connection: 'entra', roles: ['crm.reader'] });
  const isOrphan = () => app.get(SourcesGone, { strict: false }).isOrphan('acme', ann);
  await server.settle();
  expect(await isOrphan()).toBe(false);
  clock.advance(91 * DAY);
  expect(await isOrphan()).toBe(true);
  await comes(server, 'ben', { connection: 'entra' });
  await server.settle();
  expect(await isOrphan()).toBe(false);
  await acme.connect('entra', connectionSettings(), { enabled: false });
  expect(await isOrphan()).toBe(true);
});

it('whoever is given a role while nobody signs in for them is asked about then', async () => {
  const { acme, app, clock } = server;
  await acme.person('zoe');
  clock.advance(200 * DAY);
  await server.settle();
  await acme.policy('quiet', reviewPolicy({ triggers: ['dormant'] }));
  const look = () => app.get(ClockTriggers, { strict: false }).openDue();
  await look();
  await server.settle();
  expect(await itemsOf(server, { account: id('zoe') })).toEqual([]);
  await acme.give('zoe', 'crm.reader');
  await server.settle();
  await look();
  await server.settle();
  expect(await itemsOf(server, { account: id('zoe') })).toMatchObject([{ cause: 'dormant', role: 'crm.reader' }]);
});
