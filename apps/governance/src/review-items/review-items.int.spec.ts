/**
 * What reviewers are asked and what they answer, over HTTP, on a server of its own: who sees what, who may decide in whose name, that what is
 * revoked is gone, and that a repeat changes nothing.
 */
import { accountDecider, newProfile, rolesHeld } from '#libs/domain';
import { decideAndAppend } from '#libs/event-store';
import { streamName } from '#libs/kernel';
import { ENVIRONMENT, type Environment } from '#libs/platform';
import { connectionSettings } from '#libs/testing';
import { type GovernanceServer, startGovernance } from '../governance-server.fixture.js';
import { reviewPolicy } from '../governance-world.fixture.js';
import type { ReviewItemDto, ReviewItemListDto } from './review-items.dto.js';

const ITEMS = '/api/v1/review-items';
const NOBODY = '00000000-0000-4000-8000-000000000000';

let server: GovernanceServer;
beforeAll(async () => {
  server = await startGovernance();
  const { acme } = server;
  await acme.connect('okta', connectionSettings());
  await acme.policy('privileged-grants', reviewPolicy({ triggers: ['privilegedRoleGranted'] }));
  for (const name of ['olga', 'rita', 'stranger']) await acme.person(name);
}, 60_000);
afterAll(() => server?.close());

const olga = () => server.acme.session('olga', 'okta');
const stranger = () => server.acme.session('stranger', 'okta');
const decider = () => server.acme.key(['reviews:decide', 'act-as']);

type Headers = Record<string, string>;

const publicUrl = () => server.app.get<Environment>(ENVIRONMENT, { strict: false }).publicUrl;

async function list(query: string, headers: Headers): Promise<{ status: number; body: ReviewItemListDto }> {
  const response = await server.ask(`${ITEMS}?${query}`, { headers });
  return { status: response.status, body: (await response.json()) as ReviewItemListDto };
}

async function read(id: string, headers: Headers, token?: string): Promise<ReviewItemDto> {
  const query = token === undefined ? '' : `?minPosition=${token}`;
  return (await (await server.ask(`${ITEMS}/${id}${query}`, { headers })).json()) as ReviewItemDto;
}

/** Gives somebody new the privileged role, and waits for the question that follows. */
async function asked(userName: string): Promise<ReviewItemDto> {
  const account = await server.acme.person(userName);
  await server.acme.give(userName, 'prod.admin');
  const headers = await decider();
  return server.until(async () => (await list(`account=${account}`, headers)).body.items[0]);
}

let nth = 0;

/** Answers; every call is a request of its own unless it names a key. */
async function answer(item: string, body: object, headers: Headers, key = `answer-${++nth}`) {
  const response = await server.post(`${ITEMS}/${item}/decisions`, body, { headers: asPage(headers), key });
  const answered = (await response.json()) as {
    code?: string;
    detail?: string;
    status: string;
    outcome: string;
    positionToken: string;
  };
  return { http: response.status, ...answered };
}

/** Browsers say where a write comes from. */
const asPage = (headers: Headers): Headers => ({ ...headers, ...('cookie' in headers ? { origin: publicUrl() } : {}) });

const rolesOf = async (userName: string) =>
  rolesHeld(await server.acme.state(userName), server.clock.now().toISOString());

describe('the items of a reviewer', () => {
  let item: ReviewItemDto;
  beforeAll(async () => {
    item = await asked('grace');
  });

  it('are listed for whoever is asked, without any role of Gatebook', async () => {
    const { status, body } = await list('status=open', await olga());
    expect(status).toBe(200);
    expect(body.items).toEqual([item]);
    expect(item).toMatchObject({
      policy: 'privileged-grants',
      trigger: { reason: 'privilegedRoleGranted', event: expect.any(String) },
      account: server.acme.accountOf('grace'),
      role: 'prod.admin',
      reviewers: [server.acme.accountOf('olga')],
      status: 'open',
      decision: null,
      recommendation: { decision: expect.any(String), because: expect.any(Array) },
    });
  });

  it('say nothing that tells who somebody is', () => {
    expect(JSON.stringify(item)).not.toContain('grace');
  });

  it('are nobody else’s, and to others they do not exist', async () => {
    expect((await list('', await stranger())).body.items).toEqual([]);
    expect((await server.ask(`${ITEMS}/${item.id}`, { headers: await stranger() })).status).toBe(404);
    expect((await server.ask(`${ITEMS}/${item.id}`, { headers: await olga() })).status).toBe(200);
  });

  it('of somebody else need a right', async () => {
    const others = `reviewer=${server.acme.accountOf('olga')}`;
    expect((await list(others, await stranger())).status).toBe(403);
    expect((await list(others, await server.acme.key(['connections:write']))).status).toBe(403);
    expect((await list(others, await server.acme.key(['audit:read']))).body.items).toEqual([item]);
  });

  it('come page by page', async () => {
    const second = await asked('ida');
    const headers = await decider();
    const first = (await list('limit=1', headers)).body;
    expect(first.items.map(({ id }) => id)).toEqual([item.id]);
    const next = (await list(`limit=1&cursor=${first.nextCursor}`, headers)).body;
    expect(next.items.map(({ id }) => id)).toEqual([second.id]);
    expect(next.nextCursor).toBeNull();
  });

  it.each(['status=gone', 'limit=201', 'cursor=x', 'reviewer=olga', 'unknown=1'])('refuse %s', async (query) => {
    expect((await list(query, await decider())).status).toBe(400);
  });
});

describe('a decision', () => {
  it('certifies: the item is closed, the role stays, and it is recorded who decided and through what', async () => {
    const { id } = await asked('certified');
    const shownAt = new Date(server.clock.now().getTime() - 42_000).toISOString();
    const done = await answer(id, { decision: 'certify', reason: 'needed', shownAt }, await olga());
    expect(done).toMatchObject({ http: 200, status: 'closed', outcome: 'certified' });
    const item = await read(id, await olga(), done.positionToken);
    expect(item.decision).toMatchObject({
      decision: 'certify',
      by: server.acme.accountOf('olga'),
      decidedVia: 'session',
      apiKey: null,
      bulk: false,
    });
    expect(await rolesOf('certified')).toEqual(['prod.admin']);
  });

  it('revokes: the role is gone when the answer comes, and the item names what took it', async () => {
    const { id } = await asked('revoked');
    const done = await answer(id, { decision: 'revoke', reason: 'left the team' }, await olga());
    expect(done).toMatchObject({ http: 200, status: 'closed', outcome: 'revoked' });
    expect(await rolesOf('revoked')).toEqual([]);
    const item = await read(id, await olga(), done.positionToken);
    expect(item).toMatchObject({ because: expect.any(String), effectAfterMs: expect.any(Number) });
  });

  it('to revoke needs a reason', async () => {
    const { id } = await asked('unreasoned');
    expect(await answer(id, { decision: 'revoke' }, await olga())).toMatchObject({
      http: 422,
      code: 'review-reason-required',
    });
    expect(await rolesOf('unreasoned')).toEqual(['prod.admin']);
  });

  it('reduces to an end', async () => {
    const { id } = await asked('reduced');
    const until = '2026-06-01T00:00:00.000Z';
    const done = await answer(id, { decision: 'reduce', until, reason: 'until the project ends' }, await olga());
    expect(done).toMatchObject({ http: 200, outcome: 'reduced' });
    const [grant] = [...(await server.acme.state('reduced')).grants.values()];
    expect(grant?.until).toBe(until);
  });

  it('happens once, however often it is sent; another one under the same key is refused', async () => {
    const { id } = await asked('repeated');
    const headers = await olga();
    const first = await answer(id, { decision: 'certify' }, headers, 'the-same');
    expect(await answer(id, { decision: 'certify' }, headers, 'the-same')).toEqual(first);
    expect(await answer(id, { decision: 'abstain' }, headers, 'the-same')).toMatchObject({
      http: 422,
      code: 'idempotency-key-reused',
    });
  });

  it('on what is decided comes too late', async () => {
    const { id } = await asked('late');
    await answer(id, { decision: 'certify' }, await olga());
    expect(await answer(id, { decision: 'revoke', reason: 'x' }, await olga())).toMatchObject({
      http: 409,
      code: 'review-item-closed',
    });
  });

  it('is refused to whoever is not asked', async () => {
    const { id } = await asked('guarded');
    expect(await answer(id, { decision: 'certify' }, await stranger())).toMatchObject({
      http: 403,
      code: 'not-a-reviewer',
    });
    expect((await answer(NOBODY, { decision: 'certify' }, await olga())).http).toBe(404);
  });

  it('by cookie needs the token of the page', async () => {
    const { id } = await asked('forged');
    const { cookie = '', authorization = '' } = await olga();
    const refused = await answer(id, { decision: 'certify' }, { cookie, authorization });
    expect(refused).toMatchObject({ http: 403, code: 'csrf-refused' });
  });

  it.each([
    [{ decision: 'certify', until: '2026-06-01T00:00:00Z' }, 'until'],
    [{ decision: 'reduce' }, 'until'],
    [{ decision: 'reassign' }, 'to'],
    [{ decision: 'certify', to: NOBODY }, 'to'],
    [{ decision: 'keep' }, 'decision'],
  ])('%j is not whole', async (body, field) => {
    const response = await server.post(`${ITEMS}/${NOBODY}/decisions`, body, {
      headers: asPage(await olga()),
      key: `malformed-${++nth}`,
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ field }] });
  });
});

describe('passing a question on', () => {
  it('asks somebody else, who may then decide', async () => {
    const { id } = await asked('passed-on');
    const to = server.acme.accountOf('rita');
    const done = await answer(id, { decision: 'reassign', to, reason: 'her team' }, await olga());
    expect(done).toMatchObject({ http: 200, status: 'open' });
    expect((await read(id, await decider(), done.positionToken)).reviewers).toEqual([to]);
    expect((await answer(id, { decision: 'certify' }, await olga())).code).toBe('not-a-reviewer');
    expect((await answer(id, { decision: 'certify' }, await server.acme.session('rita', 'okta'))).outcome).toBe(
      'certified',
    );
  });

  it('asks nobody who does not exist', async () => {
    const { id } = await asked('kept');
    expect((await answer(id, { decision: 'delegate', to: NOBODY, reason: 'x' }, await olga())).http).toBe(404);
  });
});

describe('a key', () => {
  const inTheNameOf = (userName: string) => ({ decision: 'certify', actAs: server.acme.accountOf(userName) });

  it('decides in the name of whoever is asked, and both are recorded', async () => {
    const { id } = await asked('by-key');
    const done = await answer(id, inTheNameOf('olga'), await decider());
    expect(done).toMatchObject({ http: 200, outcome: 'certified' });
    expect((await read(id, await decider(), done.positionToken)).decision).toMatchObject({
      by: server.acme.accountOf('olga'),
      decidedVia: 'apiKey',
      apiKey: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it('decides nothing in its own name', async () => {
    const { id } = await asked('nameless');
    expect(await answer(id, { decision: 'certify' }, await decider())).toMatchObject({
      http: 422,
      code: 'act-as-required',
    });
  });

  it('needs the scopes to decide and to act as somebody', async () => {
    const { id } = await asked('scoped');
    for (const scopes of [['reviews:decide'], ['act-as'], ['audit:read', 'act-as']] as const) {
      const refused = await answer(id, inTheNameOf('olga'), await server.acme.key(scopes));
      expect(refused).toMatchObject({ http: 403, code: 'missing-scope' });
    }
  });

  it('does not help somebody who is not asked', async () => {
    const { id } = await asked('unasked');
    expect((await answer(id, inTheNameOf('stranger'), await decider())).code).toBe('not-a-reviewer');
  });

  it('cannot be whom it likes: unknown, foreign and suspended accounts do not exist, in the same words', async () => {
    const { id } = await asked('impersonated');
    await server.acme.person('gone');
    const source = { kind: 'manual', connection: null, connectionVersion: null, protocol: 'manual', issuer: null };
    await server.acme.run('gone', { type: 'Deactivate', data: { source, reason: 'x', occurredAt: null } } as never);
    const foreign = await foreigner();
    const answers = [];
    for (const actAs of [NOBODY, foreign, server.acme.accountOf('gone')]) {
      const { http, code, detail } = await answer(id, { decision: 'certify', actAs }, await decider());
      answers.push({ http, code, detail });
    }
    expect(answers[0]).toMatchObject({ http: 404, code: 'not-found' });
    expect(new Set(answers.map((told) => JSON.stringify(told))).size).toBe(1);
  });

  it('is nobody else’s business for people: a session speaks for itself alone', async () => {
    const { id } = await asked('spoken-for');
    expect(await answer(id, inTheNameOf('stranger'), await olga())).toMatchObject({ http: 403, code: 'act-as-other' });
    expect(await answer(id, inTheNameOf('olga'), await olga())).toMatchObject({ http: 200, outcome: 'certified' });
  });
});

describe('several decisions at once', () => {
  const bulk = async (body: object, headers: Headers, key: string) => {
    const response = await server.post(`${ITEMS}/decisions`, body, { headers: asPage(headers), key });
    return {
      http: response.status,
      body: (await response.json()) as { results: { id: string }[]; positionToken: string },
    };
  };

  it('tell for each what became of it, are marked, and happen once', async () => {
    const one = await asked('bulk-1');
    const two = await asked('bulk-2');
    const late = await asked('bulk-3');
    await answer(late.id, { decision: 'certify' }, await olga());
    const items = [one.id, late.id, NOBODY, two.id];
    const headers = await olga();
    const first = await bulk({ items, decision: 'revoke', reason: 'reorganised' }, headers, 'bulk');
    expect(first.http).toBe(200);
    expect(first.body.results).toEqual([
      { id: one.id, status: 'closed', outcome: 'revoked', code: null, detail: null },
      { id: late.id, status: null, outcome: null, code: 'review-item-closed', detail: expect.any(String) },
      { id: NOBODY, status: null, outcome: null, code: 'review-item-not-found', detail: expect.any(String) },
      { id: two.id, status: 'closed', outcome: 'revoked', code: null, detail: null },
    ]);
    expect(await bulk({ items, decision: 'revoke', reason: 'reorganised' }, headers, 'bulk')).toEqual(first);
    expect((await read(two.id, headers, first.body.positionToken)).decision).toMatchObject({ bulk: true });
    expect([...(await rolesOf('bulk-1')), ...(await rolesOf('bulk-2'))]).toEqual([]);
  });

  it.each([[[]], [['x']], [[NOBODY, NOBODY]]])('need different ids: %j', async (items) => {
    expect((await bulk({ items, decision: 'certify' }, await olga(), `bulk-${++nth}`)).http).toBe(400);
  });
});

/** Somebody of another customer. */
async function foreigner(): Promise<string> {
  const id = '11111111-1111-4111-8111-111111111111';
  const metadata = { ...server.acme.metadata('foreigner'), tenant: 'globex' };
  const data = {
    account: id,
    directory: 'staff',
    kind: 'person' as const,
    sponsor: null,
    expiresAt: null,
    profile: newProfile(new Map([['userName', 'mallory']])),
    links: [],
    reason: 'test',
  };
  const stream = streamName({ category: 'account', tenant: 'globex', id });
  await decideAndAppend(server.path, stream, accountDecider, { type: 'ProvisionByHand', data, metadata } as never);
  return id;
}
