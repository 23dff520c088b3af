/**
 * The pages of reviewers and approvers as a browser without scripts uses them: signed in or led to signing in, forms with their token, answers
 * that lead back, refusals that keep what was entered.
 */
import { rolesHeld } from '#libs/domain';
import { readHistory } from '#libs/event-store';
import { streamName } from '#libs/kernel';
import { ENVIRONMENT, type Environment } from '#libs/platform';
import { connectionSettings } from '#libs/testing';
import { type GovernanceServer, startGovernance } from '../governance-server.fixture.js';
import { reviewPolicy } from '../governance-world.fixture.js';

let server: GovernanceServer;
beforeAll(async () => {
  server = await startGovernance();
  const { acme } = server;
  await acme.connect('okta', connectionSettings());
  await acme.policy('privileged-grants', reviewPolicy({ triggers: ['privilegedRoleGranted'] }));
  await acme.policy('elevate-crm', {
    kind: 'elevation',
    roles: ['crm.writer'],
    maxDuration: 'PT4H',
    approvers: [{ kind: 'roleOwner', principal: null }],
    fallback: [],
    approvals: null,
    breakGlass: false,
    requestValidFor: 'P3D',
  });
  for (const name of ['olga', 'rita', 'stranger']) await acme.person(name);
}, 60_000);
afterAll(() => server?.close());

/** A browser of somebody who is signed in; nobody's without a name. */
async function browser(userName?: string) {
  const publicUrl = server.app.get<Environment>(ENVIRONMENT, { strict: false }).publicUrl;
  const headers: Record<string, string> =
    userName === undefined ? { authorization: '' } : await server.acme.session(userName, 'okta');
  delete headers['x-csrf-token'];
  const open = async (path: string) => {
    const response = await server.ask(path, { headers, redirect: 'manual' });
    return { status: response.status, location: response.headers.get('location'), text: await response.text() };
  };
  const send = async (path: string, fields: readonly (readonly [string, string])[]) => {
    const response = await server.ask(path, {
      method: 'POST',
      body: new URLSearchParams(fields.map(([name, value]) => [name, value])),
      headers: { ...headers, origin: publicUrl, 'content-type': 'application/x-www-form-urlencoded' },
      redirect: 'manual',
    });
    return { status: response.status, location: response.headers.get('location'), text: await response.text() };
  };
  return { open, send };
}

/** The hidden fields of the first form that sends to a path. */
function hiddenOf(text: string, action: string): [string, string][] {
  const form = text.slice(text.indexOf(`action="${action}"`)).split('</form>')[0] ?? '';
  return [...form.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [
    name,
    value,
  ]);
}

/** Gives somebody new the privileged role. @returns the item that asks about it */
async function asked(userName: string): Promise<string> {
  const account = await server.acme.person(userName);
  await server.acme.give(userName, 'prod.admin');
  return server.until(async () => {
    const { items } = (await (await server.ask(`/api/v1/review-items?account=${account}`)).json()) as {
      items: { id: string }[];
    };
    return items[0]?.id;
  });
}

const rolesOf = async (userName: string) =>
  rolesHeld(await server.acme.state(userName), server.clock.now().toISOString());

describe('whoever is not signed in', () => {
  it.each(['/reviews', '/reviews?cursor=abc', '/approvals'])(
    'is led from %s to the sign-in page, and back',
    async (path) => {
      const { status, location } = await (await browser()).open(path);
      expect(status).toBe(303);
      expect(location).toBe(`/login?${new URLSearchParams({ returnTo: path })}`);
    },
  );

  it('has nothing recorded, and is led back to the list', async () => {
    const { status, location } = await (await browser()).send('/reviews', [['decision', 'certify']]);
    expect([status, location]).toEqual([303, '/login?returnTo=%2Freviews']);
  });

  it('is told so as a key: pages are for people', async () => {
    const answer = await server.ask('/reviews');
    expect(answer.status).toBe(401);
    expect(await answer.text()).toContain('session-required');
  });
});

describe('the pages', () => {
  it('carry a policy that lets nothing run or load, and are kept nowhere', async () => {
    const { headers } = await server.ask('/reviews', { headers: await server.acme.session('olga', 'okta') });
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('cache-control')).toBe('no-store');
  });
});

describe('deciding one item', () => {
  it('shows what is known, takes the answer, and leads back to a list without it', async () => {
    const item = await asked('grace');
    const olga = await browser('olga');
    const { text: list } = await olga.open('/reviews');
    expect(list).toContain(`<a href="/reviews/${item}">grace: prod.admin</a>`);
    const { text: page } = await olga.open(`/reviews/${item}`);
    expect(page).toContain('Should grace keep prod.admin?');
    expect(page).toContain('Given by hand');
    expect(page).toContain('unknown: nothing reports it');
    const fields = [
      ...hiddenOf(page, `/reviews/${item}`),
      ['decision', 'revoke'],
      ['reason', 'left the team'],
    ] as const;
    const { status, location } = await olga.send(`/reviews/${item}`, fields as never);
    expect(status).toBe(303);
    const { text: after } = await olga.open(location ?? '');
    expect(after).toContain('One decision was recorded.');
    expect(after).not.toContain(item);
    expect(await rolesOf('grace')).toEqual([]);
    expect((await olga.open(`/reviews/${item}`)).text).toContain('This is decided');
  });

  it('records how long the page was looked at, and a second click is no second decision', async () => {
    const item = await asked('timed');
    const olga = await browser('olga');
    const { text } = await olga.open(`/reviews/${item}`);
    server.clock.advance(42_000);
    const fields = [...hiddenOf(text, `/reviews/${item}`), ['decision', 'certify']] as [string, string][];
    const first = await olga.send(`/reviews/${item}`, fields);
    expect(await olga.send(`/reviews/${item}`, fields)).toEqual(first);
    const events = await decisionsOn(item);
    expect(events).toEqual([expect.objectContaining({ tookMs: 42_000, decidedVia: 'session', bulk: false })]);
  });

  it('keeps what was entered when it is refused, and says why', async () => {
    const item = await asked('refused');
    const olga = await browser('olga');
    const { text } = await olga.open(`/reviews/${item}`);
    const hidden = hiddenOf(text, `/reviews/${item}`);
    const { status, text: again } = await olga.send(`/reviews/${item}`, [
      ...hidden,
      ['decision', 'revoke'],
      ['to', '<someone>'],
      ['reason', ''],
    ]);
    expect(status).toBe(400);
    expect(again).toContain('role="alert"');
    expect(again).toContain('value="&lt;someone&gt;"');
    const { status: unreasoned, text: page } = await olga.send(`/reviews/${item}`, [...hidden, ['decision', 'revoke']]);
    expect(unreasoned).toBe(422);
    expect(page).toContain('review-reason-required');
    expect(page).toContain('value="revoke" checked');
    expect(await rolesOf('refused')).toEqual(['prod.admin']);
  });

  it('passes a question on to somebody by name', async () => {
    const item = await asked('passed-on');
    const olga = await browser('olga');
    const { text } = await olga.open(`/reviews/${item}`);
    const fields = [
      ...hiddenOf(text, `/reviews/${item}`),
      ['decision', 'reassign'],
      ['to', 'rita'],
      ['reason', 'hers'],
    ];
    expect((await olga.send(`/reviews/${item}`, fields as never)).status).toBe(303);
    await server.settle();
    expect((await (await browser('rita')).open('/reviews')).text).toContain(item);
    expect((await olga.open(`/reviews/${item}`)).status).toBe(404);
  });

  it('is refused without the token of the page', async () => {
    const item = await asked('forged');
    const olga = await browser('olga');
    const { text } = await olga.open(`/reviews/${item}`);
    const fields = [...hiddenOf(text, `/reviews/${item}`).filter(([name]) => name !== 'csrf'), ['decision', 'certify']];
    const { status, text: refused } = await olga.send(`/reviews/${item}`, fields as never);
    expect(status).toBe(403);
    expect(refused).toContain('csrf-refused');
  });

  it('is nobody else’s: the page does not exist for them, and no answer tells whom it is about', async () => {
    const item = await asked('hidden-person');
    const stranger = await browser('stranger');
    const hidden = hiddenOf((await stranger.open('/approvals')).text, '/approvals/elevations');
    const answers = [
      await stranger.open(`/reviews/${item}`),
      await stranger.send(`/reviews/${item}`, [...hidden, ['decision', 'certify']]),
      await stranger.send('/reviews', [...hidden, ['decision', 'certify'], ['item', item]]),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 409]);
    for (const { text } of answers) expect(text).not.toContain('hidden-person');
    expect(await decisionsOn(item)).toEqual([]);
  });
});

describe('deciding several at once', () => {
  it('records each as one of several, and tells which could not be', async () => {
    const [one, two, late] = [await asked('first'), await asked('second'), await asked('late')];
    const olga = await browser('olga');
    const { text } = await olga.open('/reviews');
    const hidden = hiddenOf(text, '/reviews');
    const certifyLate = [
      ...hiddenOf((await olga.open(`/reviews/${late}`)).text, `/reviews/${late}`),
      ['decision', 'certify'],
    ];
    await olga.send(`/reviews/${late}`, certifyLate as never);
    const answer = await olga.send('/reviews', [
      ...hidden,
      ['item', one],
      ['item', two],
      ['item', late],
      ['decision', 'revoke'],
      ['reason', 'reorganised'],
    ]);
    expect(answer.status).toBe(409);
    expect(answer.text).toContain('2 decisions were recorded.');
    expect(answer.text).toContain('late: prod.admin');
    expect([...(await rolesOf('first')), ...(await rolesOf('second'))]).toEqual([]);
    expect(await decisionsOn(one)).toEqual([expect.objectContaining({ bulk: true, decision: 'revoke' })]);
  });

  it('with one ticked leads back to the list', async () => {
    const item = await asked('single');
    const olga = await browser('olga');
    const hidden = hiddenOf((await olga.open('/reviews')).text, '/reviews');
    const { status, location } = await olga.send('/reviews', [...hidden, ['item', item], ['decision', 'certify']]);
    expect(status).toBe(303);
    expect(location).toMatch(/^\/reviews\?decided=1&at=/);
  });

  it('needs a tick and a choice', async () => {
    const item = await asked('unticked');
    const olga = await browser('olga');
    const hidden = hiddenOf((await olga.open('/reviews')).text, '/reviews');
    expect((await olga.send('/reviews', [...hidden, ['decision', 'certify']])).status).toBe(400);
    const { status, text } = await olga.send('/reviews', [...hidden, ['item', item], ['reason', 'because']]);
    expect(status).toBe(400);
    expect(text).toContain('>because</textarea>');
    expect(text).toMatch(new RegExp(`value="${item}"[^>]* checked`));
  });
});

describe('asking for a role and answering', () => {
  it('goes from the request to the approval to the role, and ends when its person says so', async () => {
    await server.acme.person('ada');
    const ada = await browser('ada');
    const hidden = hiddenOf((await ada.open('/approvals')).text, '/approvals/elevations');
    const sent = await ada.send('/approvals/elevations', [
      ...hidden,
      ['role', 'crm.writer'],
      ['minutes', '60'],
      ['reason', 'month-end'],
    ]);
    expect(sent.status).toBe(303);
    expect((await ada.open(sent.location ?? '')).text).toContain('waits for approval');

    const olga = await browser('olga');
    const { text: waiting } = await olga.open('/approvals');
    expect(waiting).toContain('ada: crm.writer');
    expect(waiting).toContain('month-end');
    const [action = ''] = /\/approvals\/elevations\/[0-9a-f-]{36}/.exec(waiting) ?? [];
    const answer = [...hiddenOf(waiting, action), ['answer', 'approve'], ['reason', 'fine']] as [string, string][];
    const approved = await olga.send(action, answer);
    expect(approved.status).toBe(303);
    expect((await olga.open(approved.location ?? '')).text).toContain('Nobody waits for your approval.');
    expect(await rolesOf('ada')).toEqual(['crm.writer']);

    const { text: own } = await ada.open('/approvals');
    expect(own).toContain('you have it');
    const end = [...hiddenOf(own, action), ['answer', 'end']] as [string, string][];
    expect((await ada.send(action, end)).status).toBe(303);
    expect(await rolesOf('ada')).toEqual([]);
  });

  it('keeps what was entered when the request is refused', async () => {
    await server.acme.person('eager');
    const eager = await browser('eager');
    const hidden = hiddenOf((await eager.open('/approvals')).text, '/approvals/elevations');
    const { status, text } = await eager.send('/approvals/elevations', [
      ...hidden,
      ['role', 'crm.writer'],
      ['minutes', '480'],
      ['reason', 'all day'],
    ]);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(text).toContain('>all day</textarea>');
    expect(text).toContain('role="alert"');
  });

  it('shows nobody what does not wait for them', async () => {
    expect((await (await browser('stranger')).open('/approvals')).text).toContain('Nobody waits for your approval.');
  });
});

/** Decisions on record about an item. */
async function decisionsOn(item: string): Promise<readonly object[]> {
  const { events } = await readHistory(server.path, streamName({ category: 'reviewItem', tenant: 'acme', id: item }));
  return events.filter(({ type }) => type === 'ReviewDecisionRecorded').map(({ data }) => data as object);
}
