/** Nobody answers for themselves by a detour: not by asking, ending, merging, or by what a source said of them. On a real database. */
import type { GrantSource } from '#libs/contracts';
import { connectionSettings } from '#libs/testing';
import { Elevations } from '../elevations/elevations.js';
import { comes, recorded } from '../findings/findings.fixture.js';
import { type GovernanceServer, startGovernance } from '../governance-server.fixture.js';
import { reviewPolicy } from '../governance-world.fixture.js';
import { NoticeQueue } from '../notices/notice-queue.js';
import { ClockTriggers } from './clock-triggers.js';
import { ClosingReviews } from './closing-reviews.js';
import { ReviewerFinder } from './reviewer-finder.js';
import { DAY, HOUR, itemsOf, reviewsOf } from './reviewing.fixture.js';
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
const closing = () => server.app.get(ClosingReviews, { strict: false });
const close = (review: string | undefined, by: string | null) => {
  const metadata = server.acme.metadata(`close ${review} ${by}`);
  return closing().close({ tenant: 'acme', review: review ?? '', by, reason: 'enough', confirm: null, metadata });
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
    await expect(close(item?.review, id('eve'))).rejects.toMatchObject({ code: 'own-review' });
    await expect(close(item?.review, id('olga'))).rejects.toMatchObject({ code: 'break-glass-unanswered' });
    await expect(close(item?.review, null)).rejects.toMatchObject({ code: 'break-glass-unanswered' });
  });
});

it('whoever gave a grant gave it also under the account that goes on for them', async () => {
  const { acme } = server;
  await acme.person('max-old');
  await acme.run('max-old', { type: 'MergeInto', data: { into: id('max'), reason: 'the same' } } as never);
  const gave = await approversOf({ kind: 'manual', actor: `account:${id('max-old')}` });
  expect(gave.sort()).toEqual([id('max'), id('max-old')].sort());
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
