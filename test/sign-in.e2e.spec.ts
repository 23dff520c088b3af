import { buildSamlResponse, encodeSamlResponse } from '#libs/saml-idp';
import { BrowserLess } from './support/browser-less.js';
import {
  answerFor,
  answerTo,
  api,
  eventually,
  FOLLOWS_WITHIN_MS,
  type Installation,
  type LoggedEvent,
  signIn,
  startInstallation,
  wholeLog,
} from './support/installation.js';
import { honest, type TestPerson } from './support/test-idp.js';

const person = (name: string, groups: TestPerson['groups'] = []): TestPerson => ({
  nameId: `id-of-${name}`,
  email: `${name}@acme.example`,
  groups,
});

const codeOf = async (answer: Response): Promise<string> =>
  /<code>([a-z-]+)<\/code>/.exec(await answer.text())?.[1] ?? '';

// Goal: the promises that hold however many people sign in at once, and whoever sends the answer.
describe('signing in to an installation with two customers', () => {
  let installation: Installation;
  beforeAll(async () => {
    installation = await startInstallation();
  }, 60_000);
  afterAll(() => installation?.server.stop());

  it('gives 64 simultaneous first sign-ins of one new person one account, one UserProvisioned and 64 sessions', async () => {
    const hedy = person('hedy', ['crm-admins']);
    const browsers = Array.from({ length: 64 }, () => new BrowserLess());
    const answers = await Promise.all(browsers.map((browser) => answerFor(browser, installation, hedy)));
    const posted = await Promise.all(
      answers.map(({ acsUrl, fields }, index) =>
        (browsers[index] as BrowserLess).submit(acsUrl, fields, 'https://idp.example/sso'),
      ),
    );
    expect(posted.map(({ status }) => status)).toEqual(Array(64).fill(303));

    const ask = () => api(installation.server, '/api/v1/accounts?tenant=acme&email=hedy@acme.example');
    const { body } = await eventually(ask, (answer) => answer.body.items.length > 0);
    expect(body.items).toHaveLength(1);
    const log = await eventuallyLogged(installation, (events) => signInsOf(events, body.items[0].id).length === 64);
    expect(
      log.filter(({ type, data }) => type === 'UserProvisioned' && data.account === body.items[0].id),
    ).toHaveLength(1);
    expect(log.filter(({ type, data }) => type === 'RolesAssigned' && data.account === body.items[0].id)).toHaveLength(
      1,
    );
  }, 120_000);

  it('keeps customers apart: the same NameID through another customer’s connection is another person', async () => {
    const ann = person('ann');
    await signIn(new BrowserLess(), installation, ann);
    const elsewhere = await signIn(
      new BrowserLess(),
      installation,
      { ...ann, email: 'ann@globex.example' },
      {},
      'globex-sso',
    );
    expect(elsewhere.status).toBe(303);
    const ask = () => api(installation.server, '/api/v1/accounts?tenant=globex');
    const { body } = await eventually(ask, (answer) => answer.body.items.length === 1);
    expect(body.items[0]).toMatchObject({ tenant: 'globex', email: 'ann@globex.example' });
  });

  it('refuses a new subject that bears a known user name, and lists it for an administrator to link', async () => {
    const bob = person('bob');
    await signIn(new BrowserLess(), installation, bob);
    const impostor = await signIn(new BrowserLess(), installation, { ...bob, nameId: 'another-subject' });
    expect([impostor.status, await codeOf(impostor)]).toEqual([403, 'account-exists-unlinked']);
    const proposals = await eventually(
      () => api(installation.server, '/api/v1/link-proposals?tenant=acme'),
      ({ body }) => body.items.length > 0,
    );
    const { account } = proposals.body.items[0];

    const body = { connection: 'corp', subject: 'another-subject', reason: 'Same person, new identity provider' };
    const linked = await api(installation.server, `/api/v1/accounts/${account}/links?tenant=acme`, {
      method: 'POST',
      body,
    });
    expect(linked.status).toBe(201);
    expect((await signIn(new BrowserLess(), installation, { ...bob, nameId: 'another-subject' })).status).toBe(303);
  });

  it('updates a linked person whose e-mail changes, and never makes a second account', async () => {
    const cleo = person('cleo');
    await signIn(new BrowserLess(), installation, cleo);
    await signIn(new BrowserLess(), installation, { ...cleo, email: 'cleo.new@acme.example' });
    const ask = () => api(installation.server, '/api/v1/accounts?tenant=acme&q=cleo');
    const { body } = await eventually(ask, (answer) => answer.body.items[0]?.email === 'cleo.new@acme.example');
    expect(body.items).toHaveLength(1);
  });

  it('refuses a linked person whose user name changes to one that another account holds', async () => {
    await signIn(new BrowserLess(), installation, person('dora'));
    await signIn(new BrowserLess(), installation, person('edna'));
    await known(installation, 'edna@acme.example');
    const renamed = await signIn(new BrowserLess(), installation, { ...person('edna'), email: 'dora@acme.example' });
    expect([renamed.status, await codeOf(renamed)]).toEqual([403, 'username-taken']);
  });

  it('accepts names such as __proto__ among the attributes, harmlessly', async () => {
    const attributes = [
      { name: '__proto__', values: ['x'] },
      { name: 'constructor', values: ['y'] },
      { name: 'email', values: ['fay@acme.example'] },
    ];
    const answer = await signIn(new BrowserLess(), installation, person('fay'), { attributes });
    expect(answer.status).toBe(303);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('decides about 5,000 groups without a fault', async () => {
    const groups = [...Array.from({ length: 4_999 }, (_, index) => `g${index}`), 'crm-admins'];
    const answer = await signIn(new BrowserLess(), installation, person('gwen', groups));
    expect([303, 400, 413]).toContain(answer.status);
    expect((await fetch(`${installation.server.url}/health/ready`)).status).toBe(200);
  });

  it('lists no customers on the sign-in page, and finds the connection by the domain of an e-mail address', async () => {
    const { url } = installation.server;
    const page = await (await fetch(`${url}/login`)).text();
    expect(page).toContain('Work e-mail address');
    expect(page).not.toMatch(/globex|corp/);
    const found = await new BrowserLess().submit(`${url}/login`, { email: 'somebody@globex.example', returnTo: '/me' });
    expect([found.status, found.headers.get('refresh')]).toEqual([200, '0; url=/login/globex-sso?returnTo=%2Fme']);
    const nobody = await new BrowserLess().submit(`${url}/login`, { email: 'somebody@nowhere.example' });
    expect(nobody.status).toBe(404);
  });

  it.each(['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)'])(
    'returns to its own pages only, not to %s',
    async (returnTo) => {
      const browser = new BrowserLess();
      const { url } = installation.server;
      const started = await browser.go(`${url}/login/corp?returnTo=${encodeURIComponent(returnTo)}`);
      const asked = new URL(started.headers.get('location') ?? '');
      const answer = await answerTo(browser, installation, asked, person('leo'));
      expect([answer.status, answer.headers.get('location')]).toEqual([303, '/me']);
    },
  );

  it('turns away a disabled connection with 403 and an unknown one with 404', async () => {
    const disabled = await fetch(`${installation.server.url}/login/closed`, { redirect: 'manual' });
    expect([disabled.status, await codeOf(disabled)]).toEqual([403, 'connection-disabled']);
    const unknown = await fetch(`${installation.server.url}/login/nobody-knows`, { redirect: 'manual' });
    expect([unknown.status, await codeOf(unknown)]).toEqual([404, 'unknown-connection']);
  });

  it('refuses an answer that nobody asked for, since the connection does not allow it', async () => {
    const { server, key } = installation;
    const { requestId: _none, ...unasked } = honest(server.url, 'corp', person('hal'), key) as ReturnType<
      typeof honest
    > & { requestId?: string };
    const fields = { SAMLResponse: encodeSamlResponse(buildSamlResponse({ ...unasked, sign: 'both' })) };
    const answer = await new BrowserLess().submit(`${server.url}/saml/corp/acs`, fields, 'https://idp.example/');
    expect([answer.status, await codeOf(answer)]).toEqual([400, 'idp-initiated-not-allowed']);
  });

  it('lets an account that was made beforehand be signed in to', async () => {
    const body = {
      tenant: 'acme',
      directory: 'staff',
      userName: 'iris@acme.example',
      email: 'iris@acme.example',
      links: [{ connection: 'corp', subject: 'id-of-iris' }],
      reason: 'Starts on Monday',
    };
    const made = await api(installation.server, '/api/v1/accounts', { method: 'POST', body });
    expect(made.status).toBe(201);
    expect((await signIn(new BrowserLess(), installation, person('iris'))).status).toBe(303);
    const read = await api(
      installation.server,
      `/api/v1/accounts/${made.body.id}?minPosition=${made.body.positionToken}`,
    );
    expect(read.body.userName).toBe('iris@acme.example');
  });

  it('deactivates at once: the session ends, the roles stop to count, and signing in does not reactivate', async () => {
    const browser = new BrowserLess();
    await signIn(browser, installation, person('june', ['crm-admins']));
    const found = await eventually(
      () => api(installation.server, '/api/v1/accounts?tenant=acme&email=june@acme.example'),
      ({ body }) => body.items.length === 1,
    );
    const { id } = found.body.items[0];
    const off = await api(installation.server, `/api/v1/accounts/${id}/deactivate?tenant=acme`, {
      method: 'POST',
      body: { reason: 'Left the company' },
    });
    expect(off.status).toBe(200);
    expect((await browser.go(`${installation.server.url}/me`)).status).toBe(302);
    const after = await api(installation.server, `/api/v1/accounts/${id}?minPosition=${off.body.positionToken}`);
    expect([after.body.status, after.body.roles]).toEqual(['deactivated', []]);
    const again = await signIn(new BrowserLess(), installation, person('june', ['crm-admins']));
    expect([again.status, await codeOf(again)]).toEqual([403, 'account-deactivated']);
  });

  it('keeps a role away that someone withheld, although the rule would give it', async () => {
    await signIn(new BrowserLess(), installation, person('kay', ['crm-admins']));
    const { body } = await eventually(
      () => api(installation.server, '/api/v1/accounts?tenant=acme&email=kay@acme.example'),
      (answer) => answer.body.items[0]?.roles.includes('crm.admin'),
    );
    const { id } = body.items[0];
    const access = await api(installation.server, `/api/v1/access?tenant=acme&account=${id}&role=crm.admin`);
    const grant = access.body.items[0].id;
    const path = `/api/v1/accounts/${id}/grants/${grant}?tenant=acme&reason=Not%20needed`;
    const undecided = await api(installation.server, path, { method: 'DELETE' });
    expect([undecided.status, undecided.body.code]).toEqual([400, 'withhold-required']);
    const revoked = await api(installation.server, `${path}&withhold=true`, { method: 'DELETE' });
    expect(revoked.status).toBe(200);
    expect((await signIn(new BrowserLess(), installation, person('kay', ['crm-admins']))).status).toBe(303);
    const now = await api(installation.server, `/api/v1/accounts/${id}?minPosition=${revoked.body.positionToken}`);
    expect(now.body.roles).toEqual(['crm.reader']);

    const lift = `/api/v1/accounts/${id}/withholdings/crm.admin?tenant=acme&reason=Needed%20again`;
    expect((await api(installation.server, lift, { method: 'DELETE' })).status).toBe(200);
    await signIn(new BrowserLess(), installation, person('kay', ['crm-admins']));
    await eventually(
      () => api(installation.server, `/api/v1/accounts/${id}`),
      (answer) => answer.body.roles.includes('crm.admin'),
    );
  });
});

const signInsOf = (events: readonly LoggedEvent[], account: string) =>
  events.filter(({ type, data }) => type === 'SignedIn' && data.account === account);

async function eventuallyLogged(
  { server }: Installation,
  satisfied: (events: LoggedEvent[]) => boolean,
): Promise<LoggedEvent[]> {
  const deadline = Date.now() + FOLLOWS_WITHIN_MS;
  for (;;) {
    const events = await wholeLog(server);
    if (satisfied(events)) return events;
    if (Date.now() > deadline) throw new Error(`The log has ${events.length} events and not those awaited.`);
    await new Promise((next) => setTimeout(next, 100));
  }
}

/** Until the read side knows a person; by then so do the identity keys, which follow the same log. */
async function known({ server }: Installation, email: string): Promise<void> {
  await eventually(
    () => api(server, `/api/v1/accounts?tenant=acme&email=${email}`),
    ({ body }) => body.items.length === 1,
  );
}
