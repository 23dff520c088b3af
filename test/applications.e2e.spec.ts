import { inflateRawSync } from 'node:zlib';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import {
  type Application,
  authorizationRequest,
  call,
  claimsOf,
  crm,
  crmApi,
  crmPages,
  exchange,
  ledger,
  type NoticeReceiver,
  safe,
  signInTo,
  startNoticeReceiver,
  startWithApplications,
  type Tokens,
  walk,
  wiki,
} from './support/applications.js';
import { BrowserLess, formAction, hiddenFields, textOf } from './support/browser-less.js';
import { api, eventually, FOLLOWS_WITHIN_MS, type Installation } from './support/installation.js';
import type { TestPerson } from './support/test-idp.js';

const person = (name: string, groups: TestPerson['groups'] = []): TestPerson => ({
  nameId: `id-of-${name}`,
  email: `${name}@acme.example`,
  groups,
});

const TOKEN_CONTEXT = 'urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken';

// Goal: people sign in to applications through Gatebook in two hops, and what they lose there is lost in the application at once.
describe('applications behind Gatebook', () => {
  let installation: Installation;
  let receiver: NoticeReceiver;
  beforeAll(async () => {
    receiver = await startNoticeReceiver(1);
    installation = await startWithApplications(receiver.url);
  }, 60_000);
  afterAll(async () => {
    await installation?.server.stop();
    await receiver?.close();
  });

  const op = () => `${installation.server.url}/op`;
  const me = async (tokens: Tokens) => {
    const answer = await fetch(`${op()}/me`, { headers: { authorization: `Bearer ${tokens.access_token}` } });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const inspect = async (application: Application, token: string) =>
    (await call(`${op()}/token/introspection`, application, { token }, application === crmApi)).body;
  const renew = (application: Application, { refresh_token }: Tokens) =>
    call(`${op()}/token`, application, { grant_type: 'refresh_token', refresh_token }, application === crmApi);
  const write = async (path: string, method: string, body?: object) => {
    const answer = await api(installation.server, path, { method, ...(body ? { body } : {}) });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const give = (account: unknown, role: string, until?: string) =>
    write(`/api/v1/accounts/${account}/grants?tenant=acme`, 'POST', {
      role,
      reason: 'test',
      ...(until ? { until } : {}),
    });
  const take = (account: unknown, grant: string) =>
    write(`/api/v1/accounts/${account}/grants/${grant}?tenant=acme&reason=test`, 'DELETE');
  const logged = (type: string, account: unknown) =>
    eventually(
      () => api(installation.server, `/api/v1/events?type=${type}&account=${account}&limit=50`),
      ({ body }) => body.items?.length > 0,
    );

  describe('signing in', () => {
    it('takes two hops, and tells the application the roles that it may know of', async () => {
      const tokens = await signInTo(crm, installation, person('ada', ['crm-admins']));
      const keys = createRemoteJWKSet(new URL(`${op()}/jwks`));
      const { payload } = await jwtVerify(tokens.id_token, keys, { issuer: op(), audience: 'crm' });
      expect(payload).toMatchObject({ roles: ['crm.admin', 'crm.reader'], email: 'ada@acme.example' });
      expect(await me(tokens)).toMatchObject({
        status: 200,
        body: { sub: payload.sub, roles: ['crm.admin', 'crm.reader'] },
      });
      const { body } = await logged('ApplicationSignedIn', payload.sub);
      expect(body.items[0].data).toMatchObject({
        client: 'crm',
        application: 'crm',
        roles: ['crm.admin', 'crm.reader'],
      });
      expect(body.items[0].data.grants).toHaveLength(2);
    });

    it('asks the identity provider once for several applications, and tells each its own roles only', async () => {
      const browser = new BrowserLess();
      const bob = person('bob');
      const first = await signInTo(crm, installation, bob, { browser });
      const request = authorizationRequest(op(), wiki);
      const { left, askedIdp } = await walk(browser, installation, request.url, bob);
      expect(askedIdp).toBe(0);
      const { body } = await exchange(installation, wiki, left as URL, request);
      const [here, there] = [claimsOf(first.id_token), claimsOf(String(body['id_token']))];
      expect([here['roles'], there['roles'], here['sub'] === there['sub']]).toEqual([['crm.reader'], [], true]);
    });

    it('turns away whoever holds no role of the application, on a page that leads back with access_denied', async () => {
      const request = authorizationRequest(op(), ledger);
      const browser = new BrowserLess();
      const { page } = await walk(browser, installation, request.url, person('carl'));
      const text = (await page?.text()) ?? '';
      expect([page?.status, textOf(text)]).toEqual([403, expect.stringContaining('no-role-in-application')]);
      const back = /href="([^"]+)">Back to ledger/.exec(text)?.[1] ?? '';
      const { left } = await walk(browser, installation, back, person('carl'));
      expect(Object.fromEntries(left?.searchParams ?? [])).toMatchObject({
        error: 'access_denied',
        state: request.state,
      });
    });

    it('works for an application that cannot keep a secret, and for one that sends it in the body', async () => {
      expect(claimsOf((await signInTo(crmPages, installation, person('dora'))).id_token)).toMatchObject({
        aud: 'crm-pages',
      });
      expect(claimsOf((await signInTo(crmApi, installation, person('dora'))).id_token)).toMatchObject({
        aud: 'crm-api',
      });
    });

    it('tells by scope what is known of the person', async () => {
      const tokens = await signInTo(crm, installation, person('eve'), { changes: { scope: 'openid' } });
      expect(Object.keys((await me(tokens)).body).sort()).toEqual(['roles', 'sub']);
    });

    it('is silent only where the person would come in at once', async () => {
      const browser = new BrowserLess();
      const fay = person('fay');
      const silent = () => authorizationRequest(op(), crm, { prompt: 'none' });
      const stranger = await walk(browser, installation, silent().url, fay);
      expect(stranger.left?.searchParams.get('error')).toBe('login_required');
      await signInTo(crm, installation, fay, { browser });
      const known = await walk(browser, installation, silent().url, fay);
      expect([known.left?.searchParams.has('code'), known.askedIdp]).toEqual([true, 0]);
    });

    it('happens anew when the application asks for it', async () => {
      const browser = new BrowserLess();
      const gil = person('gil');
      await signInTo(crm, installation, gil, { browser });
      const again = await walk(browser, installation, authorizationRequest(op(), crm, { prompt: 'login' }).url, gil);
      expect([again.left?.searchParams.has('code'), again.askedIdp]).toEqual([true, 1]);
    });

    it.each([{ prompt: 'login' }, { max_age: '60' }])('is fresh when the application asks for %j', async (changes) => {
      const browser = new BrowserLess();
      const gus = person('gus');
      await signInTo(crm, installation, gus, { browser });
      const hourAgo = new Date(Date.now() - 3_600_000);
      const stale = await walk(browser, installation, authorizationRequest(op(), crm, { prompt: 'login' }).url, gus, {
        authnInstant: hourAgo,
      });
      expect([stale.askedIdp, stale.page?.status, textOf((await stale.page?.text()) ?? '')]).toEqual([
        1,
        403,
        expect.stringContaining('fresh-sign-in-required'),
      ]);
      const request = authorizationRequest(op(), crm, changes);
      const fresh = await walk(browser, installation, request.url, gus);
      expect([fresh.left?.searchParams.has('code'), fresh.askedIdp]).toEqual([true, 1]);
      const plain = await walk(browser, installation, authorizationRequest(op(), crm).url, gus);
      expect([plain.left?.searchParams.has('code'), plain.askedIdp]).toEqual([true, 0]);
    });

    it('asks the provider for a fresh proof by ForceAuthn, and only where the application wants one', async () => {
      const asked = async (changes: Readonly<Record<string, string>>) => {
        const browser = new BrowserLess();
        let next = authorizationRequest(op(), crm, changes).url;
        while (new URL(next).hostname !== 'idp.example')
          next = new URL((await browser.go(next)).headers.get('location') ?? '', next).href;
        const message = new URL(next).searchParams.get('SAMLRequest') ?? '';
        return inflateRawSync(Buffer.from(message, 'base64')).toString().includes('ForceAuthn="true"');
      };
      expect([await asked({ prompt: 'login' }), await asked({ max_age: '60' }), await asked({})]).toEqual([
        true,
        true,
        false,
      ]);
    });

    it('sends people back to the provider for the context that the application requires, once', async () => {
      const browser = new BrowserLess();
      const hal = person('hal');
      await signInTo(crm, installation, hal, { browser });
      const weak = await walk(browser, installation, authorizationRequest(op(), safe).url, hal);
      expect([weak.askedIdp, weak.page?.status, textOf((await weak.page?.text()) ?? '')]).toEqual([
        1,
        403,
        expect.stringContaining('stronger-authentication-required'),
      ]);
      const request = authorizationRequest(op(), safe);
      const strong = await walk(new BrowserLess(), installation, request.url, hal, { authnContext: TOKEN_CONTEXT });
      const { body } = await exchange(installation, safe, strong.left as URL, request);
      expect(claimsOf(String(body['id_token']))).toMatchObject({ acr: TOKEN_CONTEXT });
    });
  });

  describe('tokens', () => {
    it('are renewed once each; roles are read anew', async () => {
      const tokens = await signInTo(crm, installation, person('ida'));
      const { sub } = claimsOf(tokens.id_token);
      await give(sub, 'crm.admin', new Date(Date.now() + 3_600_000).toISOString());
      const { status, body } = await renew(crm, tokens);
      expect([status, claimsOf(String(body['id_token']))['roles']]).toEqual([200, ['crm.admin', 'crm.reader']]);
    });

    it('do not outlive the grants that they convey', async () => {
      const tokens = await signInTo(crm, installation, person('jan'));
      expect(tokens.expires_in).toBe(3600);
      await give(claimsOf(tokens.id_token)['sub'], 'crm.admin', new Date(Date.now() + 90_000).toISOString());
      const { body } = await renew(crm, tokens);
      expect(body['expires_in']).toBeLessThanOrEqual(90);
      const { exp } = claimsOf(String(body['id_token']));
      expect(Number(exp) * 1000).toBeLessThanOrEqual(Date.now() + 90_000);
    });

    it('are looked into by clients of the same application, and by no others', async () => {
      const { access_token: token, id_token } = await signInTo(crmPages, installation, person('kim'));
      const { sub } = claimsOf(id_token);
      expect(await inspect(crmApi, token)).toMatchObject({ active: true, sub, client_id: 'crm-pages' });
      expect(await inspect(wiki, token)).toEqual({ active: false });
    });

    it('end when the application gives them back', async () => {
      const tokens = await signInTo(crm, installation, person('lee'));
      await call(`${op()}/token/revocation`, crm, { token: tokens.refresh_token });
      expect(await inspect(crm, tokens.access_token)).toEqual({ active: false });
    });

    it('are not made for renewal where the application shall not have that', async () => {
      const mia = await signInTo(crm, installation, person('mia'));
      await give(claimsOf(mia.id_token)['sub'], 'ledger.reader');
      expect(await signInTo(ledger, installation, person('mia'))).not.toHaveProperty('refresh_token');
    });
  });

  describe('losing access', () => {
    it('ends what the applications of the role were given, in the same moment, and nothing else', async () => {
      const browser = new BrowserLess();
      const ned = person('ned');
      const tokens = await signInTo(crm, installation, ned, { browser });
      const others = await signInTo(wiki, installation, ned, { browser });
      const { sub } = claimsOf(tokens.id_token);
      const { body: held } = await eventually(
        () => api(installation.server, `/api/v1/access?tenant=acme&account=${sub}`),
        ({ body }) => body.items?.length > 0,
      );
      const before = receiver.tokens.length;
      await write(`/api/v1/accounts/${sub}/grants/${held.items[0].id}?tenant=acme&reason=test&withhold=true`, 'DELETE');

      expect(await inspect(crm, tokens.access_token)).toEqual({ active: false });
      expect((await me(tokens)).status).toBe(401);
      expect(await renew(crm, tokens)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
      expect(await inspect(wiki, others.access_token)).toMatchObject({ active: true });

      const { body } = await logged('ApplicationSessionsEnded', sub);
      expect(body.items[0].data).toMatchObject({ client: 'crm', code: 'access-revoked', sessions: 1 });
      expect(body.items[0].data.sinceSignalMs).toBeLessThan(5_000);
      const notice = claimsOf(await nextNotice(before));
      expect(notice).toMatchObject({ aud: 'crm', sub, sid: claimsOf(tokens.id_token)['sid'] });
      expect(Object.keys(notice['events'] as object)).toEqual(['http://schemas.openid.net/event/backchannel-logout']);
    }, 40_000);

    it('to everything, when the account is deactivated, and reactivation gives no old token back', async () => {
      const browser = new BrowserLess();
      const oda = person('oda');
      const tokens = await signInTo(crm, installation, oda, { browser });
      const others = await signInTo(wiki, installation, oda, { browser });
      const { sub } = claimsOf(tokens.id_token);
      await write(`/api/v1/accounts/${sub}/deactivate?tenant=acme`, 'POST', { reason: 'left' });
      const states = async () => [await inspect(crm, tokens.access_token), await inspect(wiki, others.access_token)];
      expect(await states()).toEqual([{ active: false }, { active: false }]);
      await write(`/api/v1/accounts/${sub}/reactivate?tenant=acme`, 'POST', { reason: 'back' });
      expect(await states()).toEqual([{ active: false }, { active: false }]);
      expect((await me(await signInTo(crm, installation, oda))).status).toBe(200);
    });

    it('leaves a token alone that was made after a revocation, and one whose application lost nothing', async () => {
      const pia = person('pia');
      const first = await signInTo(crm, installation, pia);
      const { sub } = claimsOf(first.id_token);
      const { id: grant } = await give(sub, 'ledger.reader');
      await take(sub, grant);
      expect(await inspect(crm, first.access_token)).toMatchObject({ active: true });
      const second = await signInTo(crm, installation, pia);
      expect(await inspect(crm, second.access_token)).toMatchObject({ active: true });
    });
  });

  describe('signing out', () => {
    it('at Gatebook ends the sessions of its applications and tells them', async () => {
      const browser = new BrowserLess();
      const tokens = await signInTo(crm, installation, person('quin'), { browser });
      const before = receiver.tokens.length;
      const page = await (await browser.go(`${installation.server.url}/logout`)).text();
      await browser.submit(`${installation.server.url}/logout`, hiddenFields(page));
      await eventuallyInactive(tokens);
      expect(claimsOf(await nextNotice(before))).toMatchObject({ sid: claimsOf(tokens.id_token)['sid'] });
    }, 40_000);

    it('at the application signs out of Gatebook too, and leads back to where the application said', async () => {
      const browser = new BrowserLess();
      const tokens = await signInTo(crm, installation, person('rob'), { browser });
      const query = new URLSearchParams({
        id_token_hint: tokens.id_token,
        post_logout_redirect_uri: 'https://crm.acme.example/',
        state: 'bye',
      });
      const page = await (await browser.go(`${op()}/session/end?${query}`)).text();
      const left = await browser.submit(formAction(page), hiddenFields(page), installation.server.url);
      expect([left.status, left.headers.get('location')]).toEqual([303, 'https://crm.acme.example/?state=bye']);
      expect((await browser.go(`${installation.server.url}/me`)).status).toBe(302);
      await eventuallyInactive(tokens);
    });

    it('does not lead to an address that the application has not registered', async () => {
      const tokens = await signInTo(crm, installation, person('rob'));
      const query = new URLSearchParams({
        id_token_hint: tokens.id_token,
        post_logout_redirect_uri: 'https://evil.example/',
      });
      const answer = await new BrowserLess().go(`${op()}/session/end?${query}`);
      expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('not registered')]);
    });
  });

  it('describe themselves: discovery names what there is, and nothing else', async () => {
    const found = (await (await fetch(`${op()}/.well-known/openid-configuration`)).json()) as Record<string, unknown>;
    expect(found).toMatchObject({
      issuer: op(),
      authorization_endpoint: `${op()}/auth`,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      id_token_signing_alg_values_supported: ['RS256'],
      backchannel_logout_supported: true,
    });
    const { keys } = (await (await fetch(`${op()}/jwks`)).json()) as { keys: Record<string, unknown>[] };
    expect(keys.map((key) => Object.keys(key).filter((name) => ['d', 'p', 'q'].includes(name)))).toEqual([[]]);
  });

  async function eventuallyInactive(tokens: Tokens): Promise<void> {
    await until(async () => (await inspect(crm, tokens.access_token))['active'] === false);
  }

  async function nextNotice(before: number): Promise<string> {
    await until(async () => receiver.tokens.length > before);
    return receiver.tokens[before] ?? '';
  }
});

/** Waits until something holds. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + FOLLOWS_WITHIN_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`Not so within ${FOLLOWS_WITHIN_MS} ms.`);
    await new Promise((next) => setTimeout(next, 25));
  }
}
