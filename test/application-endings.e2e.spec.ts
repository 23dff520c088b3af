import {
  type Application,
  authorizationRequest,
  CALLBACK,
  call,
  claimsOf,
  crm,
  crmPages,
  exchange,
  type NoticeReceiver,
  signInTo,
  startNoticeReceiver,
  startWithApplications,
  type Tokens,
  walk,
  wiki,
} from './support/applications.js';
import { BrowserLess, formAction, hiddenFields } from './support/browser-less.js';
import { api, eventually, FOLLOWS_WITHIN_MS, type Installation, signIn } from './support/installation.js';
import type { TestPerson } from './support/test-idp.js';

const person = (name: string): TestPerson => ({ nameId: `id-of-${name}`, email: `${name}@acme.example` });

const OTHER = `id: other
        protocol: saml
        directory: staff
        jit: { create: true, update: everySignIn, required: [email], allowedDomains: [] }
        saml:
          idpEntityId: https://idp.example/metadata
          ssoUrl: https://idp.example/sso
          certificates: [<certificate>]
        attributes: { userName: email, email: email }
        rules: []`;

const OFFLINE = { scope: 'openid offline_access', prompt: 'consent' };

// Goal: what applications were given ends with whatever it rested on, and with nothing else. Each ending beside something that stays.
describe('what applications were given', () => {
  let installation: Installation;
  let receiver: NoticeReceiver;
  beforeAll(async () => {
    receiver = await startNoticeReceiver();
    installation = await startWithApplications(receiver.url, [], [OTHER]);
  }, 120_000);
  afterAll(async () => {
    await installation?.server.stop();
    await receiver?.close();
  });

  const op = () => `${installation.server.url}/op`;
  const isActive = async (application: Application, { access_token: token }: Tokens) =>
    (await call(`${op()}/token/introspection`, application, { token })).body['active'];
  const renew = (application: Application, { refresh_token }: Tokens) =>
    call(`${op()}/token`, application, { grant_type: 'refresh_token', refresh_token });
  const write = async (method: string, path: string, body: object) => {
    const answer = await api(installation.server, path, { method, body: { reason: 'test', ...body } });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  /** Makes an application known that is told of sign-outs. */
  const make = async (clientId: string, settings: object = {}): Promise<Application> => {
    const known = { tenant: 'acme', clientId, redirectUris: [CALLBACK], rolesOf: 'crm', connections: ['corp'] };
    const body = { ...known, backchannelLogoutUri: receiver.url, ...settings };
    const { clientSecret } = await write('POST', '/api/v1/clients', body);
    return { clientId, secret: clientSecret, redirectUri: CALLBACK };
  };
  const change = (clientId: string, body: object) => write('PATCH', `/api/v1/clients/${clientId}`, body);
  /** The end that was recorded of an application's sessions. */
  const endOf = async ({ clientId }: Application, { id_token }: Tokens) => {
    const path = `/api/v1/events?type=ApplicationSessionsEnded&account=${claimsOf(id_token)['sub']}&limit=50`;
    const ofClient = ({ body }: { body: { items?: { data: Record<string, unknown> }[] } }) =>
      body.items?.find(({ data }) => data['client'] === clientId)?.data;
    return ofClient(
      await eventually(
        () => api(installation.server, path),
        (found) => ofClient(found) !== undefined,
      ),
    );
  };
  /** The notice that an application got, as soon as it is there. */
  const noticeTo = async ({ clientId }: Application) => {
    const find = () => receiver.tokens.map(claimsOf).find(({ aud }) => aud === clientId);
    for (const deadline = Date.now() + FOLLOWS_WITHIN_MS; !find() && Date.now() < deadline; )
      await new Promise((next) => setTimeout(next, 25));
    return find();
  };

  describe('end', () => {
    it('for a person from whom an identity was separated, whatever their roles rest on', async () => {
      const eve = person('eve');
      const first = await signInTo(wiki, installation, eve);
      const account = claimsOf(first.id_token)['sub'];
      const path = `/api/v1/accounts/${account}`;
      const strangers = { connection: 'corp', subject: 'id-of-mallory' };
      await write('POST', `${path}/links?tenant=acme`, strangers);
      const tokens = await signInTo(wiki, installation, { ...eve, nameId: strangers.subject }, { changes: OFFLINE });
      const bystander = await signInTo(wiki, installation, person('uma'), { changes: OFFLINE });
      expect(claimsOf(tokens.id_token)['sub']).toBe(account);
      await write('POST', `${path}/unlink?tenant=acme`, strangers);

      expect(await isActive(wiki, tokens)).toBe(false);
      expect(await renew(wiki, tokens)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
      expect(await endOf(wiki, tokens)).toMatchObject({ code: 'identity-unlinked' });
      expect(await isActive(wiki, bystander)).toBe(true);
    }, 40_000);

    it.each<[string, object]>([
      ['admits nobody any more through the connection', { connections: ['other'] }],
      ['requires a context', { requireAuthenticationContext: ['mfa'] }],
      ['counts the roles of another application', { rolesOf: 'wiki' }],
      ['admits nobody any more without a role', { admitWithoutRole: false }],
    ])(
      'with the next use once the application %s, and are recorded',
      async (what, changes) => {
        const narrowed = await make(`narrowed-${what.length}`, { admitWithoutRole: true });
        const tokens = await signInTo(narrowed, installation, person('ivo'), { changes: OFFLINE });
        await change(narrowed.clientId, { name: 'Another name', connections: ['corp', 'other'] });
        expect(await isActive(narrowed, tokens)).toBe(true);
        await change(narrowed.clientId, changes);

        expect(await isActive(narrowed, tokens)).toBe(false);
        expect((await renew(narrowed, tokens)).status).toBe(400);
        expect(await endOf(narrowed, tokens)).toMatchObject({ code: 'client-changed', sessions: 1 });
        expect(await noticeTo(narrowed)).toMatchObject({ sid: claimsOf(tokens.id_token)['sid'] });
      },
      40_000,
    );

    it('with the application itself, which is told although it is switched off', async () => {
      const closing = await make('closing');
      const tokens = await signInTo(closing, installation, person('jon'));
      await change('closing', { enabled: false });
      expect(await noticeTo(closing)).toMatchObject({ sub: claimsOf(tokens.id_token)['sub'] });
      expect(await call(`${op()}/token/introspection`, closing, { token: tokens.access_token })).toMatchObject({
        status: 401,
      });
    }, 40_000);

    it('when a code is used again, which is recorded and told', async () => {
      const careless = await make('careless');
      const request = authorizationRequest(op(), careless);
      const { left } = await walk(new BrowserLess(), installation, request.url, person('kai'));
      const { body } = await exchange(installation, careless, left as URL, request);
      const tokens = body as unknown as Tokens;
      expect((await exchange(installation, careless, left as URL, request)).status).toBe(400);
      expect(await isActive(careless, tokens)).toBe(false);
      expect(await endOf(careless, tokens)).toMatchObject({ code: 'reused', sessions: 1 });
      expect(await noticeTo(careless)).toMatchObject({ sid: claimsOf(tokens.id_token)['sid'] });
    }, 40_000);

    it('when a refresh token is used again, which is recorded', async () => {
      const stale = await make('stale');
      const tokens = await signInTo(stale, installation, person('lou'), { changes: OFFLINE });
      const renewed = (await renew(stale, tokens)).body as unknown as Tokens;
      expect(await isActive(stale, renewed)).toBe(true);
      expect((await renew(stale, tokens)).status).toBe(400);
      expect(await isActive(stale, renewed)).toBe(false);
      expect(await endOf(stale, tokens)).toMatchObject({ code: 'reused' });
    }, 40_000);

    it('with a sign-out at the application, also after the session here is over', async () => {
      const [left, beside] = [await make('left'), await make('beside')];
      const browser = new BrowserLess();
      const tokens = await signInTo(left, installation, person('rob'), { browser });
      const others = await signInTo(beside, installation, person('rob'), { browser });
      browser.lose(installation.server.url, /gatebook-session/);
      const query = new URLSearchParams({ id_token_hint: tokens.id_token });
      const page = await (await browser.go(`${op()}/session/end?${query}`)).text();
      expect((await browser.submit(formAction(page), hiddenFields(page), installation.server.url)).status).toBe(303);

      expect(await endOf(left, tokens)).toMatchObject({ code: 'signed-out' });
      expect(await noticeTo(left)).toMatchObject({ sid: claimsOf(tokens.id_token)['sid'] });
      expect(await noticeTo(beside)).toMatchObject({ sid: claimsOf(others.id_token)['sid'] });
    }, 40_000);
  });

  describe('stay', () => {
    it('when somebody leads a browser to the sign-out in which the provider knows nobody: that is asked here', async () => {
      const browser = new BrowserLess();
      await signIn(browser, installation, person('tim'));
      const page = await (await browser.go(`${op()}/session/end`)).text();
      const led = await browser.submit(formAction(page), hiddenFields(page), installation.server.url);
      expect([led.status, led.headers.get('location')]).toEqual([303, '/logout']);
      expect((await browser.go(`${installation.server.url}/me`)).status).toBe(200);
    });

    it('when the application asks for more in the same browser: it gets that too, without a further sign-in', async () => {
      const browser = new BrowserLess();
      const sam = person('sam');
      const tokens = await signInTo(crm, installation, sam, { browser, changes: { scope: 'openid' } });
      const request = authorizationRequest(op(), crm, { scope: 'openid email' });
      const { left, askedIdp } = await walk(browser, installation, request.url, sam);
      const { body } = await exchange(installation, crm, left as URL, request);
      expect([askedIdp, claimsOf(String(body['id_token']))['email']]).toEqual([0, 'sam@acme.example']);
      expect(claimsOf(tokens.id_token)).not.toHaveProperty('email');
      expect(await isActive(crm, tokens)).toBe(true);
      const { refresh_token } = await signInTo(crm, installation, sam, { browser, changes: OFFLINE });
      expect(refresh_token).toBeDefined();
    });

    it('unseen by an application that cannot prove who it is, except for its own', async () => {
      const own = await signInTo(crmPages, installation, person('vic'));
      const others = await signInTo(crm, installation, person('vic'));
      expect(await isActive(crmPages, own)).toBe(true);
      expect(await isActive(crmPages, others)).toBe(false);
      expect(await isActive(crm, others)).toBe(true);
    });
  });
});
