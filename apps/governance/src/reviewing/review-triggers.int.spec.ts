/** Every occasion on which reviews open by themselves, from the event or the instant to the question, and none twice. On a real database. */
import type { ConnectionSnapshot } from '#libs/domain';
import { connection, person, rule, type SignInWords, signIn, sodRule } from '#libs/testing';
import { Elevations } from '../elevations/elevations.js';
import { recorded } from '../findings/findings.fixture.js';
import { type GovernanceServer, startGovernance } from '../governance-server.fixture.js';
import { reviewPolicy } from '../governance-world.fixture.js';
import { AccountFactsReader } from './account-facts.js';
import { ClosingReviews } from './closing-reviews.js';
import { PoliciesAtEvent } from './policies-at-event.js';
import { DAY, decided, HOUR, itemsOf, reviewOf, reviewsOf } from './reviewing.fixture.js';

const MAKER_CHECKER = {
  kind: 'sod',
  roles: [['pay.create'], ['pay.approve']],
  mode: 'preventive',
  owner: 'olga',
} as const;
const PROFILE_CHANGES = [
  ['departmentChanged', { department: 'legal' }],
  ['managerChanged', { manager: 'mia' }],
  ['employeeTypeChanged', { employeeType: 'contractor' }],
] as const;
const EXCEPTION = '6f0a6f0e-6c0b-4d6a-9c57-1b7b6d0f8a11';
const CHANGE = '0d9a4c8e-7f43-4b7e-8f19-8a0b2d1c3e55';

const engineers = (version: number, roles: string[]) => rule('engineers', 'engineers', roles, version);
const okta = connection('okta', [engineers(1, ['crm.reader'])]);
const changed = connection('okta', [engineers(2, ['crm.reader', 'crm.writer'])], { version: 2 });
const entra = connection('entra', [rule('staff', 'staff', ['wiki.reader'])]);

let server: GovernanceServer;
beforeAll(async () => {
  server = await startGovernance();
  const { acme } = server;
  for (const userName of ['olga', 'mia']) await acme.person(userName);
  for (const role of ['pay.create', 'pay.approve', 'wiki.reader']) await acme.role(role);
  await acme.connect('okta', okta.settings);
  await acme.connect('entra', entra.settings);
  const triggers = PROFILE_CHANGES.map(([trigger]) => trigger);
  await acme.policy(
    'changes',
    reviewPolicy({ triggers: ['roleGrantedByChangedRule', 'newConnectionGrant', ...triggers] }),
  );
  await acme.policy('maker-checker', MAKER_CHECKER as never);
}, 60_000);
afterAll(() => server.close());

const items = (userName: string, status?: string) =>
  itemsOf(server, { account: server.acme.accountOf(userName), ...(status ? { status: [status] } : {}) });
const said = async (userName: string, status?: string) =>
  (await items(userName, status)).map(({ cause, role }) => `${cause} ${role}`).sort();
const olga = () => server.acme.accountOf('olga');

/** Somebody whom acme knows signs in through a connection. */
async function signedIn(userName: string, through: ConnectionSnapshot, words: SignInWords): Promise<void> {
  const { acme, clock } = server;
  const { exists, profile } = await acme.state(userName);
  const known = exists && typeof profile === 'object' ? (profile ?? {}) : {};
  const who = {
    ...person(userName, 'Test', { ...known, userName, email: `${userName}@acme.example` }),
    account: acme.accountOf(userName),
  };
  const { type, data } = signIn(who, through, words);
  await acme.run(userName, { type, data }, JSON.stringify([userName, through.id, words, clock.now()]));
}

describe('somebody who signs in', () => {
  beforeAll(async () => {
    await signedIn('bob', okta, { groups: ['engineers'], found: 'new' });
    await server.settle();
  });

  it('has their first access by the only connection that they have: that is no news', async () =>
    expect(await said('bob')).toEqual([]));

  it('and gets more by a rule that has changed since: that is asked about', async () => {
    server.clock.advance(HOUR);
    await server.acme.connect('okta', changed.settings);
    server.clock.advance(HOUR);
    await signedIn('bob', changed, { groups: ['engineers'] });
    await server.settle();
    expect(await said('bob')).toEqual(['roleGrantedByChangedRule crm.writer']);
    expect(await items('bob')).toMatchObject([{ policy: 'changes', reviewers: [olga()], reviewersAs: 'roleOwner' }]);
  });

  it('and gets something by a connection that never gave them anything: that is asked about, once', async () => {
    const link = { connection: 'entra', subject: 'bob', reason: 'test' };
    await server.acme.run('bob', { type: 'LinkIdentity', data: link });
    await signedIn('bob', entra, { groups: ['staff'] });
    server.clock.advance(HOUR);
    await signedIn('bob', entra, { groups: ['staff'] });
    await server.settle();
    expect(await said('bob')).toEqual(['newConnectionGrant wiki.reader', 'roleGrantedByChangedRule crm.writer']);
  });

  it.each(PROFILE_CHANGES)(
    'and is somebody else at work now (%s): everything they hold is asked about',
    async (trigger, says) => {
      const { profile } = await server.acme.state('bob');
      const connected = { connection: 'okta', connectionVersion: 2, protocol: 'saml', issuer: null };
      const data = {
        account: server.acme.accountOf('bob'),
        source: { kind: 'signIn', ...connected },
        evidence: null,
        changed: Object.keys(says),
        profile: { ...(profile as object), ...says },
        emailVerified: false,
        lost: [],
        reason: null,
      };
      const reader = server.app.get(AccountFactsReader, { strict: false });
      const { length: from } = (await reader.read('acme', data.account)).events;
      await recorded(server, { category: 'account', id: data.account, from }, { type: 'ProfileUpdated', data });
      await server.settle();
      const asked = (await said('bob')).filter((each) => each.startsWith(trigger));
      expect(asked.map((each) => each.split(' ')[1])).toEqual(['crm.reader', 'crm.writer', 'wiki.reader']);
    },
  );
});

describe('two roles that one sign-in would give and that must not be held together', () => {
  const both = (version: number) =>
    connection('okta', [
      rule('creators', 'creators', ['pay.create']),
      rule('approvers', 'approvers', ['pay.approve'], version),
    ]);
  const words = { groups: ['creators', 'approvers'], sod: [sodRule('maker-checker', ['pay.create'], ['pay.approve'])] };

  it('are put to whoever answers for them, once', async () => {
    await signedIn('dan', both(1), { ...words, found: 'new' });
    server.clock.advance(HOUR);
    await signedIn('dan', both(2), words);
    await server.settle();
    expect(await said('dan')).toEqual(['sodConflict pay.approve', 'sodConflict pay.create']);
    expect(await reviewsOf(server, { cause: 'sodConflict' })).toHaveLength(1);
    expect((await items('dan'))[0]).toMatchObject({ grant: null, reviewers: [olga()], policy: 'maker-checker' });
  });

  it('end with the choice of one: the other is withheld, and what the next sign-in gives is no question any more', async () => {
    const refused = (await items('dan')).find(({ role }) => role === 'pay.approve');
    const { item } = await decided(server, 'olga', refused?.item, { decision: 'revoke' });
    expect(item).toMatchObject({ status: 'closed', outcome: 'revoked' });
    expect((await server.acme.state('dan')).withheld.get('pay.approve')?.decision).toBe(item.decision?.event);
    server.clock.advance(HOUR);
    await signedIn('dan', both(2), words);
    await server.settle();
    const { grants } = await server.acme.state('dan');
    expect([...grants.values()].map(({ role }) => role)).toEqual(['pay.create']);
    const other = (await items('dan')).find(({ role }) => role === 'pay.create');
    expect(other).toMatchObject({ status: 'closed', outcome: 'moot', because: expect.any(String) });
  });
});

describe('access that somebody takes in an emergency', () => {
  it('is looked at afterwards, also when it is over, and can be forbidden for the future', async () => {
    const { acme } = server;
    const elevation = {
      kind: 'elevation',
      roles: ['prod.admin'],
      maxDuration: 'PT4H',
      approvers: [{ kind: 'roleOwner', principal: null }],
      fallback: ['mia'],
      approvals: null,
      breakGlass: true,
      requestValidFor: 'P3D',
    } as const;
    await acme.policy('elevate-prod', elevation as never);
    await acme.person('eve');
    const account = acme.accountOf('eve');
    const wanted = { account, role: 'prod.admin', durationMs: HOUR, breakGlass: true, reason: 'outage' };
    const acting = { account, via: 'session', apiKey: null } as const;
    const asking = { metadata: acme.metadata('eve takes it'), acting, mayAdminister: false };
    await server.app.get(Elevations, { strict: false }).request(wanted, asking);
    await server.settle();
    expect(await items('eve')).toMatchObject([
      { cause: 'breakGlass', role: 'prod.admin', policy: 'elevate-prod', reviewers: [olga()], status: 'open' },
    ]);
    server.clock.advance(2 * HOUR);
    await server.until(async () => (await acme.state('eve')).grants.size === 0);
    await server.settle();
    const [asked] = await items('eve', 'open');
    const { item } = await decided(server, 'olga', asked?.item, { decision: 'revoke' });
    expect(item).toMatchObject({ status: 'closed', outcome: 'revoked' });
    expect((await acme.state('eve')).withheld.has('prod.admin')).toBe(true);
  }, 30_000);
});

describe('a change that somebody makes without a second person', () => {
  it('waits for the signature of somebody else', async () => {
    const mia = server.acme.accountOf('mia');
    const data = {
      change: CHANGE,
      area: 'policies',
      kind: 'policy',
      target: 'changes',
      changed: ['due'],
      by: `account:${mia}`,
      events: [],
      reason: 'outage',
    };
    await recorded(server, { category: 'heldChange', id: CHANGE }, { type: 'EmergencyChangeRecorded', data });
    await server.settle();
    const [review] = await reviewsOf(server, { cause: 'emergencyChange' });
    expect(review).toMatchObject({ status: 'closed', items: 0, policy: null });
    const signOff = (account: string) =>
      server.app.get(ClosingReviews, { strict: false }).signOff({
        tenant: 'acme',
        review: review?.review ?? '',
        by: { account, via: 'session', apiKey: null },
        reason: 'looked at',
        mayOwn: true,
        metadata: server.acme.metadata(`sign-off ${account}`),
      });
    await expect(signOff(mia)).rejects.toMatchObject({ code: 'sign-off-by-reviewer' });
    expect((await signOff(olga())).review.status).toBe('signedOff');
  });
});

describe('time that passes', () => {
  it('brings an exception to its end: the roles that it is about are asked about once more', async () => {
    const { acme, clock } = server;
    await acme.policy('exceptions', reviewPolicy({ triggers: ['sodExceptionEnding'] }));
    await acme.person('fay');
    for (const role of ['pay.create', 'pay.approve', 'crm.reader']) await acme.give('fay', role);
    const data = {
      exception: EXCEPTION,
      policy: 'maker-checker',
      account: acme.accountOf('fay'),
      sets: [['pay.create'], ['pay.approve']],
      owner: 'mia',
      control: 'second look every week',
      until: new Date(clock.now().getTime() + 20 * DAY).toISOString(),
      by: null,
      reason: 'small team',
    };
    await recorded(server, { category: 'sodException', id: EXCEPTION }, { type: 'SodExceptionGranted', data });
    clock.advance(5 * DAY);
    await server.settle();
    expect(await said('fay')).toEqual([]);
    clock.advance(2 * DAY);
    await server.until(async () => (await items('fay')).length > 0);
    await server.settle();
    expect(await said('fay')).toEqual(['sodExceptionEnding pay.approve', 'sodExceptionEnding pay.create']);
  }, 30_000);

  it('without a sign-in makes an account dormant: everything that it holds is asked about, once', async () => {
    const { acme, clock } = server;
    await acme.person('gus');
    await acme.give('gus', 'crm.reader');
    await acme.policy('quiet', reviewPolicy({ triggers: ['dormant'] }));
    clock.advance(89 * DAY);
    await server.settle();
    expect(await said('gus')).toEqual([]);
    clock.advance(2 * DAY);
    await server.until(async () => (await items('gus')).length > 0);
    clock.advance(DAY);
    await server.settle();
    expect(await said('gus')).toEqual(['dormant crm.reader']);
    expect(await items('gus')).toMatchObject([{ reviewers: [olga()], recommendation: { decision: 'revoke' } }]);
  }, 30_000);
});

describe('an old log that is read once more', () => {
  it('opens nothing twice, and nothing for a policy that came later', async () => {
    const { acme } = server;
    const before = new Date(server.clock.now());
    server.clock.advance(HOUR);
    await acme.policy('changes', reviewPolicy({ triggers: ['departmentChanged'], due: 'P3D' }));
    const triggers = ['privilegedRoleGranted', 'newConnectionGrant', 'departmentChanged'] as const;
    await acme.policy('late', reviewPolicy({ triggers: [...triggers] }));
    await server.settle();
    const known = async () => (await reviewsOf(server)).map(({ review }) => review).sort();
    const reviews = await known();
    await server.database.query('delete from governance.places');
    server = await server.restart();
    await server.settle();
    expect(await known()).toEqual(reviews);
    expect(await reviewsOf(server, { policy: 'late' })).toEqual([]);

    const policies = server.app.get(PoliciesAtEvent, { strict: false });
    const at = async (recordedAt: string) =>
      (await policies.of(await server.catalog.current(), { tenant: 'acme', recordedAt })).map(
        ({ id, version }) => `${id}@${version}`,
      );
    expect(await at(before.toISOString())).toEqual(['changes@1', 'exceptions@1', 'quiet@1']);
    expect(await at(server.clock.now().toISOString())).toEqual(['changes@2', 'exceptions@1', 'quiet@1', 'late@1']);
    expect(await at('2026-03-01T00:00:00.000Z')).toEqual([]);
    expect(await reviewOf(server, reviews[0] ?? '')).toBeDefined();
  }, 60_000);
});
