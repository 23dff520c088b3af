import { BrowserLess, textOf } from './support/browser-less.js';
import { answerOfDemo, answerUnasked, signInAtDemo } from './support/demo-sign-in.js';
import { api, eventually } from './support/installation.js';
import { type StartedServer, startServer } from './support/started-server.js';

// Goal: what a newcomer does with `npm start`, over HTTP: sign in as a sample person through real SAML, then ask the audit API
// who that is, what they hold, since when and because of which event.
describe('the main job, with the demo as it starts', () => {
  let server: StartedServer;
  beforeAll(async () => {
    server = await startServer();
  }, 60_000);
  afterAll(() => server?.stop());

  const accountNamed = async (userName: string) => {
    const ask = () => api(server, `/api/v1/accounts?userName=${encodeURIComponent(userName)}`);
    return (await eventually(ask, ({ body }) => body.items.length === 1)).body.items[0];
  };

  it('asks who there is to sign in with, on a page headed "Sign in"', async () => {
    const page = await fetch(`${server.url}/login`);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<h1>Sign in</h1>');
  });

  it('leads to the public address when /login is asked under another host name', async () => {
    const answer = await fetch(`http://127.0.0.1:${server.port}/login`, { redirect: 'manual' });
    expect(answer.headers.get('location')).toBe(`${server.url}/login`);
  });

  it('gives a stranger an account with roles by rule, and shows them why', async () => {
    const browser = new BrowserLess();
    const answer = await signInAtDemo(browser, server.url, 'ada');
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/me']);
    const me = textOf(await (await browser.go(`${server.url}/me`)).text());
    expect(me).toContain('Ada Lovelace');
    expect(me).toContain('Rule crm-admins@1 of demo, because your identity provider says groups: crm-admins');
  });

  it('tells an auditor who that is and what they hold', async () => {
    const account = await accountNamed('ada@acme.example');
    expect(account).toMatchObject({
      tenant: 'acme',
      directory: 'staff',
      kind: 'person',
      status: 'active',
      displayName: 'Ada Lovelace',
      department: 'Engineering',
      source: { connection: 'demo', protocol: 'saml' },
      roles: ['crm.admin', 'crm.reader', 'crm.writer', 'gatebook.auditor', 'git.developer'],
    });
    expect(account.lastSignInAt).not.toBeNull();
  });

  it('tells an auditor why, from the grant back to the sign-in, the rule and who set it', async () => {
    const account = await accountNamed('ada@acme.example');
    const access = await api(server, `/api/v1/access?account=${account.id}&role=crm.admin`);
    expect(access.body.items).toHaveLength(1);
    const [grant] = access.body.items;
    expect(grant).toMatchObject({
      role: 'crm.admin',
      application: 'crm',
      privileged: true,
      to: null,
      revokedAtPosition: null,
    });
    expect(grant.source).toMatchObject({ kind: 'rule', connection: 'demo', rule: 'crm-admins', ruleVersion: 1 });

    const why = await api(server, `/api/v1/access/${grant.id}/why`);
    const types = why.body.because.map(({ event }: { event: { type: string } }) => event.type);
    expect(types).toEqual(expect.arrayContaining(['RolesAssigned', 'SignedIn', 'ConnectionRegistered']));
    expect(JSON.stringify(why.body.because)).toContain('crm-admins');
    for (const { event, text } of why.body.because) {
      expect(text).not.toBe('');
      const read = await api(server, `/api/v1/events/${event.id}`);
      expect([read.status, read.body.type, read.body.position]).toEqual([200, event.type, event.position]);
    }
  });

  it('records a repeated sign-in with nothing changed as SignedIn only', async () => {
    const account = await accountNamed('ada@acme.example');
    const before = await api(server, `/api/v1/events?account=${account.id}&limit=200`);
    await signInAtDemo(new BrowserLess(), server.url, 'ada');
    const ask = () => api(server, `/api/v1/events?account=${account.id}&limit=200`);
    const after = await eventually(ask, ({ body }) => body.items.length > before.body.items.length);
    const added = after.body.items.slice(before.body.items.length).map(({ type }: { type: string }) => type);
    expect(added).toEqual(['SignedIn']);
  });

  it('takes roles back at the next sign-in when the groups are gone, ends other sessions, and keeps history', async () => {
    const earlier = new BrowserLess();
    await signInAtDemo(earlier, server.url, 'grace');
    const held = await accountNamed('grace@acme.example');
    expect(held.roles).toContain('git.developer');
    const then = new Date().toISOString();

    const later = new BrowserLess();
    const answer = await signInAtDemo(later, server.url, 'grace', { misbehaviour: 'empty-groups' });
    expect(answer.status).toBe(303);
    const ask = () => api(server, `/api/v1/accounts/${held.id}`);
    const now = await eventually(ask, ({ body }) => !body.roles.includes('git.developer'));
    expect(now.body.roles).toEqual(['crm.reader']);
    expect((await earlier.go(`${server.url}/me`)).headers.get('location')).toContain('/login');
    expect((await later.go(`${server.url}/me`)).status).toBe(200);
    const past = await api(server, `/api/v1/access?account=${held.id}&asOf=${then}`);
    expect(past.body.items.map(({ role }: { role: string }) => role)).toContain('git.developer');
  });

  it('keeps roles when the groups attribute is absent: unknown is not none', async () => {
    await signInAtDemo(new BrowserLess(), server.url, 'katherine');
    const held = await accountNamed('katherine@acme.example');
    const answer = await signInAtDemo(new BrowserLess(), server.url, 'katherine', { misbehaviour: 'no-groups' });
    expect(answer.status).toBe(303);
    expect((await api(server, `/api/v1/accounts/${held.id}`)).body.roles).toEqual(held.roles);
  });

  it.each([
    ['expired', 400, 'expired'],
    ['not-yet-valid', 400, 'not-yet-valid'],
    ['wrong-audience', 400, 'wrong-audience'],
    ['wrong-recipient', 400, 'wrong-recipient'],
    ['wrong-destination', 400, 'wrong-destination'],
    ['wrong-issuer', 400, 'wrong-issuer'],
    ['unsigned', 400, 'invalid-signature'],
    ['tampered', 400, 'invalid-signature'],
    ['strangers-key', 400, 'invalid-signature'],
    ['sha1', 400, 'unsupported-algorithm'],
    ['failed-status', 400, 'status-not-success'],
    ['other-request', 400, 'in-response-to-mismatch'],
    ['transient-subject', 403, 'transient-subject'],
    ['no-email', 403, 'missing-attribute'],
  ])('answers the misbehaviour "%s" with %i and a page that bears the code %s', async (misbehaviour, status, code) => {
    const answer = await signInAtDemo(new BrowserLess(), server.url, 'grace', { misbehaviour });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain('text/html');
    expect(await answer.text()).toContain(`<code>${code}</code>`);
  });

  it('refuses a person of another domain with 403, and records whom it refused', async () => {
    const answer = await signInAtDemo(new BrowserLess(), server.url, 'emmy');
    expect([answer.status, (await answer.text()).includes('<code>foreign-domain</code>')]).toEqual([403, true]);
    const ask = () => api(server, '/api/v1/events?type=SignInRefused&connection=demo&limit=200');
    const events = await eventually(ask, ({ body }) =>
      body.items.some((event: { data: { code: string } }) => event.data.code === 'foreign-domain'),
    );
    const refused = events.body.items.find((event: { data: { code: string } }) => event.data.code === 'foreign-domain');
    expect(refused.data).toMatchObject({ verified: true, count: 1, connection: 'demo' });
    expect(JSON.stringify(refused.data.claims)).toContain('emmy');
  });

  it('refuses the same answer a second time, also from the same browser', async () => {
    const browser = new BrowserLess();
    const { acsUrl, fields, from } = await answerOfDemo(browser, server.url, 'zoe');
    expect((await browser.submit(acsUrl, fields, from)).status).toBe(303);
    const again = await browser.submit(acsUrl, fields, from);
    expect(again.status).toBeGreaterThanOrEqual(400);
    expect(again.status).toBeLessThan(500);
  });

  it('refuses an answer posted from a browser that did not ask for it', async () => {
    const { acsUrl, fields, from } = await answerOfDemo(new BrowserLess(), server.url, 'zoe');
    const stolen = await new BrowserLess().submit(acsUrl, fields, from);
    expect([stolen.status, (await stolen.text()).includes('<code>in-response-to-mismatch</code>')]).toEqual([
      400,
      true,
    ]);
  });

  describe('started at the identity provider, which this connection allows', () => {
    const unasked = async (browser: BrowserLess, person: string) => {
      const { acsUrl, fields, from } = await answerUnasked(browser, server, person);
      return browser.submit(acsUrl, fields, from);
    };

    it('lets people in, on a fixed page', async () => {
      const answer = await unasked(new BrowserLess(), 'alan');
      expect([answer.status, answer.headers.get('location')]).toEqual([303, '/me']);
    });

    it('never replaces the session of another account', async () => {
      const browser = new BrowserLess();
      await signInAtDemo(browser, server.url, 'ada');
      const answer = await unasked(browser, 'alan');
      expect([answer.status, (await answer.text()).includes('<code>session-of-another-account</code>')]).toEqual([
        403,
        true,
      ]);
      expect(textOf(await (await browser.go(`${server.url}/me`)).text())).toContain('Ada Lovelace');
    });
  });

  it('lets a person sign out, and then knows them no more', async () => {
    const browser = new BrowserLess();
    await signInAtDemo(browser, server.url, 'zoe');
    const page = await (await browser.go(`${server.url}/me`)).text();
    const csrf = /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
    expect((await browser.submit(`${server.url}/logout`, { csrf: 'forged' })).status).toBe(403);
    expect((await browser.submit(`${server.url}/logout`, { csrf })).status).toBe(303);
    expect((await browser.go(`${server.url}/me`)).headers.get('location')).toContain('/login');
  });
});
