/** Reviews that people open, end and sign off, over HTTP: who may, what a dry run says, and what is refused. */
import { ENVIRONMENT, type Environment } from '#libs/platform';
import { connectionSettings } from '#libs/testing';
import { type GovernanceServer, startGovernance } from '../governance-server.fixture.js';
import { reviewPolicy } from '../governance-world.fixture.js';
import type { AccessReviewDto, AccessReviewListDto, AccessReviewOpenedDto } from './access-reviews.dto.js';

const REVIEWS = '/api/v1/access-reviews';
const NOBODY = '00000000-0000-4000-8000-000000000000';

let server: GovernanceServer;
beforeAll(async () => {
  server = await startGovernance();
  const { acme } = server;
  await acme.connect('okta', connectionSettings());
  await acme.role('gatebook.owner', { application: 'gatebook' }, null);
  for (const name of ['olga', 'petra', 'dora']) await acme.person(name);
  await acme.give('petra', 'gatebook.owner');
  for (const name of ['grace', 'ida']) {
    await acme.person(name, { manager: 'olga' });
    await acme.give(name, 'crm.reader');
  }
  await acme.policy('quarterly-crm', reviewPolicy({ schedule: '0 6 1 */3 *', scope: scopeOf('crm') }));
  await acme.policy('off', reviewPolicy({ triggers: ['dormant'] }), { enabled: false });
  await server.settle();
}, 60_000);
afterAll(() => server?.close());

type Headers = Record<string, string>;

const publicUrl = () => server.app.get<Environment>(ENVIRONMENT, { strict: false }).publicUrl;

const scopeOf = (application: string) => ({ ...reviewPolicy().scope, applications: [application] });
const admin = () => server.acme.key(['admin']);
const reader = () => server.acme.key(['audit:read']);
const owner = () => server.acme.session('petra', 'okta');
const asPage = (headers: Headers): Headers => ({ ...headers, ...('cookie' in headers ? { origin: publicUrl() } : {}) });

let nth = 0;

async function post<T = AccessReviewOpenedDto>(path: string, body: object, headers: Headers, key = `key-${++nth}`) {
  const response = await server.post(path, body, { headers: asPage(headers), key });
  return {
    http: response.status,
    body: (await response.json()) as T & { code?: string; errors?: { field: string }[] },
  };
}

async function review(id: string): Promise<AccessReviewDto> {
  return (await (await server.ask(`${REVIEWS}/${id}`, { headers: await reader() })).json()) as AccessReviewDto;
}

/** Opens a review and waits until its items are there. */
async function opened(body: object): Promise<string> {
  const { http, body: answer } = await post(REVIEWS, { reason: 'reorganised', ...body }, await admin());
  expect(http).toBe(201);
  const id = answer.id ?? '';
  // while the read model does not have it yet, the answer is a problem, whose status is a number
  await server.until(async () => ['open', 'closed'].includes((await review(id)).status));
  return id;
}

const INLINE = { title: 'CRM after the merger', scope: { application: 'crm' }, reviewers: ['manager'], due: 'P7D' };

describe('opening a review by hand', () => {
  it('asks as the policy says', async () => {
    const id = await opened({ policy: 'quarterly-crm' });
    expect(await review(id)).toMatchObject({
      policy: 'quarterly-crm',
      trigger: { reason: 'adHoc', event: null },
      status: 'open',
      items: 2,
      counts: { open: 2 },
    });
  });

  it('asks as it is written, without a policy', async () => {
    const id = await opened(INLINE);
    expect(await review(id)).toMatchObject({ policy: null, title: '[withheld]', items: 2 });
    const personal = await server.acme.key(['audit:read', 'personal:read']);
    const named = await server.ask(`${REVIEWS}/${id}`, { headers: personal });
    expect(await named.json()).toMatchObject({ title: INLINE.title });
    const items = await server.ask(`/api/v1/review-items?review=${id}`, { headers: await reader() });
    expect(await items.json()).toMatchObject({
      items: [{ reviewers: [server.acme.accountOf('olga')], reviewersAs: 'manager' }, { reviewersAs: 'manager' }],
    });
  });

  it.each([
    ['a role that nobody holds', { role: 'crm.writer' }],
    ['people who are nobody', { people: ['nobody@acme.example'] }],
  ])('is complete at once when it is about %s', async (_, scope) => {
    const id = await opened({ ...INLINE, scope });
    await server.settle();
    expect(await review(id)).toMatchObject({ status: 'closed', closedCode: 'complete', items: 0 });
  });

  it('says beforehand whom it would ask how much, and changes nothing', async () => {
    const headers = await admin();
    await server.settle();
    const before = await server.path.store.head();
    const dryRun = { ...INLINE, reason: 'x', dryRun: true };
    expect((await post(REVIEWS, dryRun, headers)).body).toEqual({
      id: null,
      dryRun: true,
      complete: true,
      items: 2,
      byReviewer: [{ account: server.acme.accountOf('olga'), items: 2 }],
      withoutReviewer: 0,
      positionToken: null,
    });
    const nobody = { ...dryRun, reviewers: ['nobody@acme.example'] };
    expect((await post(REVIEWS, nobody, headers)).body).toMatchObject({ byReviewer: [], withoutReviewer: 2 });
    expect(await server.path.store.head()).toBe(before);
  });

  it('is for administrators, and for owners who are signed in', async () => {
    const body = { ...INLINE, reason: 'x', dryRun: true };
    expect((await post(REVIEWS, body, await owner())).http).toBe(201);
    expect((await post(REVIEWS, body, await server.acme.session('dora', 'okta'))).http).toBe(403);
    expect((await post(REVIEWS, body, await server.acme.key(['reviews:decide', 'act-as']))).http).toBe(403);
  });

  it('happens once', async () => {
    const body = { ...INLINE, reason: 'once' };
    const first = await post(REVIEWS, body, await admin(), 'once');
    expect((await post(REVIEWS, body, await admin(), 'once')).body.id).toBe(first.body.id);
  });

  it.each([
    [{ policy: 'quarterly-crm', due: 'P1D' }, 400, 'due'],
    [{ title: 'x', scope: { role: 'no.such' }, reviewers: ['manager'] }, 400, 'scope.role'],
    [{ title: 'x' }, 400, 'terms'],
    [{ title: 'x', reviewers: ['manager'], due: 'soon' }, 400, 'due'],
    [{ reviewers: ['manager'] }, 400, 'title'],
    [{ title: 'x', reviewers: ['manager'], triggers: ['dormant'] }, 400, 'triggers'],
  ])('refuses %j', async (body, status, field) => {
    const { http, body: refused } = await post(REVIEWS, { reason: 'x', ...body }, await admin());
    expect(http).toBe(status);
    expect(refused.errors?.map((error) => error.field)).toContain(field);
  });

  it('leaves it to policies whether people answer for themselves', async () => {
    const body = { ...INLINE, reason: 'x', reviewers: ['self'], selfReview: true };
    expect(await post(REVIEWS, body, await owner())).toMatchObject({
      http: 422,
      body: { code: 'self-review-needs-policy' },
    });
    expect((await post(REVIEWS, { ...body, reviewers: ['olga'], selfReview: false }, await owner())).http).toBe(201);
  });

  it('opens nothing for a policy that is off, nor for one that there is not', async () => {
    expect((await post(REVIEWS, { reason: 'x', policy: 'off' }, await admin())).body.code).toBe('policy-off');
    expect((await post(REVIEWS, { reason: 'x', policy: 'no-such' }, await admin())).http).toBe(404);
  });
});

describe('reviews', () => {
  it('are listed for those who may read them, by policy and state', async () => {
    const ask = async (query: string) => {
      const response = await server.ask(`${REVIEWS}?${query}`, { headers: await reader() });
      return ((await response.json()) as AccessReviewListDto).items.map(({ policy }) => policy);
    };
    expect(await ask('policy=quarterly-crm')).toEqual(['quarterly-crm']);
    expect(await ask('status=signedOff')).toEqual([]);
    expect((await server.ask(REVIEWS, { headers: await server.acme.session('dora', 'okta') })).status).toBe(403);
    expect((await server.ask(`${REVIEWS}/${NOBODY}`, { headers: await reader() })).status).toBe(404);
  });
});

describe('ending a review by hand', () => {
  it('closes it with a reason, and only then it is signed off: by an owner who decided nothing in it', async () => {
    const id = await opened(INLINE);
    const sign = async (headers: Headers) => post(`${REVIEWS}/${id}/sign-off`, { reason: 'checked' }, headers);
    expect((await sign(await owner())).body.code).toBe('access-review-not-finished');
    expect(
      (await post(`${REVIEWS}/${id}/close`, { reason: 'x' }, await server.acme.session('dora', 'okta'))).http,
    ).toBe(403);
    const closed = await post(`${REVIEWS}/${id}/close`, { reason: 'opened by mistake' }, await admin());
    expect(closed).toMatchObject({ http: 200, body: { id, status: 'closed' } });
    expect((await sign(await server.acme.session('dora', 'okta'))).body.code).toBe('sign-off-not-allowed');
    expect((await sign(await owner())).body).toMatchObject({ id, status: 'signedOff' });
    await server.settle();
    expect(await review(id)).toMatchObject({
      closedCode: 'by-hand',
      signedOffBy: server.acme.accountOf('petra'),
      signedOffVia: 'session',
    });
  });

  it('is not for whom it asks about, whatever role they have', async () => {
    await server.acme.give('petra', 'prod.admin');
    await server.settle();
    const id = await opened({ ...INLINE, scope: { role: 'prod.admin' }, reviewers: ['olga'] });
    const close = async (headers: Headers) => post(`${REVIEWS}/${id}/close`, { reason: 'not needed' }, headers);
    expect(await close(await owner())).toMatchObject({ http: 403, body: { code: 'own-review' } });
    expect(await review(id)).toMatchObject({ status: 'open', counts: { open: 1 } });
    expect((await close(await admin())).http).toBe(200);
  });

  it('is not for whoever decided in it', async () => {
    const id = await opened({ ...INLINE, reviewers: ['petra'] });
    const headers = await owner();
    const { items } = (await (await server.ask(`/api/v1/review-items?review=${id}`, { headers })).json()) as {
      items: { id: string }[];
    };
    const body = { items: items.map((item) => item.id), decision: 'certify' };
    expect((await post('/api/v1/review-items/decisions', body, headers)).http).toBe(200);
    await server.until(async () => (await review(id)).status === 'closed');
    expect((await post(`${REVIEWS}/${id}/sign-off`, { reason: 'mine' }, headers)).body.code).toBe(
      'sign-off-by-reviewer',
    );
  });

  it('knows no review of anybody else', async () => {
    expect((await post(`${REVIEWS}/${NOBODY}/close`, { reason: 'x' }, await admin())).http).toBe(404);
    expect((await post(`${REVIEWS}/${NOBODY}/sign-off`, { reason: 'x' }, await owner())).http).toBe(404);
  });
});
