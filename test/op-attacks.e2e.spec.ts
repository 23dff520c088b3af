import {
  authorizationRequest,
  CALLBACK,
  call,
  claimsOf,
  crm,
  crmApi,
  crmPages,
  exchange,
  globexCrm,
  signInTo,
  startWithApplications,
  walk,
  wiki,
} from './support/applications.js';
import { BrowserLess, hiddenFields, textOf } from './support/browser-less.js';
import type { Installation } from './support/installation.js';
import type { TestPerson } from './support/test-idp.js';

const person = (name: string, tenant = 'acme'): TestPerson => ({
  nameId: `id-of-${name}`,
  email: `${name}@${tenant}.example`,
  groups: [],
});

// Goal: whoever attacks the way between application and provider gets nothing. Method: each attack beside its honest twin, which is accepted.
describe('attacks on the OpenID provider', () => {
  let installation: Installation;
  beforeAll(async () => {
    installation = await startWithApplications();
  }, 60_000);
  afterAll(() => installation?.server.stop());
  const op = () => `${installation.server.url}/op`;
  const inspect = async (token: string) => (await call(`${op()}/token/introspection`, crm, { token })).body;

  /** Asks for a code; answers what came of it: the code's address, or the error wherever it was told. */
  const ask = async (changes: Record<string, string | undefined>, name = 'ada', browser = new BrowserLess()) => {
    const request = authorizationRequest(op(), crm, changes);
    const { left, page } = await walk(browser, installation, request.url, person(name));
    const error = left?.searchParams.get('error') ?? null;
    return { request, left, error, page: page && textOf(await page.text()) };
  };
  const code = async (name: string) => {
    const { request, left } = await ask({}, name);
    return { request, left: left as URL };
  };

  describe('an open redirect', () => {
    it.each([
      ['another site', 'https://evil.example/callback'],
      ['a longer path', `${CALLBACK}/more`],
      ['a query', `${CALLBACK}?next=https://evil.example`],
      ['a user part', 'https://crm.acme.example@evil.example/callback'],
      ['a subdomain', 'https://crm.acme.example.evil.example/callback'],
      ['another case', 'https://crm.acme.example/Callback'],
      ['an encoded path', 'https://crm.acme.example/%63allback'],
      ['no address', undefined],
      ['a script', 'javascript:alert(1)'],
    ])('is not to be had by %s: the error stays here', async (_what, redirect_uri) => {
      const { left, page } = await ask({ redirect_uri });
      expect([left, page]).toEqual([null, expect.stringMatching(/redirect_uri|missing required parameter/)]);
    });

    it('is not to be had on the way through the sign-in either', async () => {
      const browser = new BrowserLess();
      const { left } = await ask({ state: '//evil.example', login_hint: 'x@evil.example' }, 'ada', browser);
      expect([left?.origin, left?.searchParams.get('state')]).toEqual(['https://crm.acme.example', '//evil.example']);
    });

    it('twin: the address as registered is accepted', async () =>
      expect((await ask({})).left?.href).toMatch(/^https:\/\/crm\.acme\.example\/callback\?code=/));
  });

  describe('PKCE', () => {
    it.each([
      ['left out', { code_challenge: undefined, code_challenge_method: undefined }],
      ['plain', { code_challenge_method: 'plain' }],
      ['without a method', { code_challenge_method: undefined }],
      ['of another form', { code_challenge: 'short' }],
    ])('%s is refused before anybody signs in, also to clients with a secret', async (_what, changes) =>
      expect((await ask(changes)).error).toBe('invalid_request'),
    );

    it.each([
      ['missing', { code_verifier: '' }],
      ['another one', { code_verifier: 'v'.repeat(43) }],
    ])('with the verifier %s gives no tokens', async (_what, changes) => {
      const { request, left } = await code('bob');
      expect((await exchange(installation, crm, left, request, changes)).status).toBe(400);
    });

    it('with the challenge in place of the verifier gives no tokens', async () => {
      const { request, left } = await code('bob');
      const challenge = new URL(request.url).searchParams.get('code_challenge') ?? '';
      expect((await exchange(installation, crm, left, request, { code_verifier: challenge })).status).toBe(400);
    });

    it('twin: with its own verifier the code gives tokens', async () => {
      const { request, left } = await code('bob');
      expect((await exchange(installation, crm, left, request)).status).toBe(200);
    });
  });

  describe('a code', () => {
    it('used again gives nothing, and takes back what it gave', async () => {
      const { request, left } = await code('carl');
      const first = await exchange(installation, crm, left, request);
      const token = String(first.body['access_token']);
      expect(await inspect(token)).toMatchObject({ active: true });
      expect(await exchange(installation, crm, left, request)).toMatchObject({
        status: 400,
        body: { error: 'invalid_grant' },
      });
      expect(await inspect(token)).toEqual({ active: false });
      const refresh_token = String(first.body['refresh_token']);
      expect((await call(`${op()}/token`, crm, { grant_type: 'refresh_token', refresh_token })).status).toBe(400);
    });

    it('used twice at the same moment gives tokens that work at most once', async () => {
      const { request, left } = await code('carl');
      const both = await Promise.all([1, 2].map(() => exchange(installation, crm, left, request)));
      const tokens = both.map(({ body }) => body['access_token']).filter((token) => token !== undefined);
      expect(tokens.length).toBeLessThanOrEqual(1);
    });

    it('of one client gives another client nothing, whether that has a secret or not', async () => {
      for (const thief of [wiki, crmPages, crmApi]) {
        const { request, left } = await code('dora');
        const changes = { redirect_uri: CALLBACK };
        expect((await exchange(installation, thief, left, request, changes)).body).toMatchObject({
          error: 'invalid_grant',
        });
      }
    });

    it('with another redirect address gives nothing', async () => {
      const { request, left } = await code('dora');
      const redirect_uri = 'https://evil.example/callback';
      expect((await exchange(installation, crm, left, request, { redirect_uri })).status).toBe(400);
    });
  });

  describe('a client', () => {
    it.each([
      ['a wrong secret', { ...crm, secret: 'another-secret-of-some-length' }],
      ['what is kept of its secret', { ...crm, secret: `hmac:${'0'.repeat(64)}` }],
      ['no secret', { ...crm, secret: null }],
      ['the secret of another client', { ...crm, secret: wiki.secret }],
      ['an unknown name', { ...crm, clientId: 'nobody' }],
      ['a prototype’s name', { ...crm, clientId: '__proto__' }],
    ])('with %s is nobody', async (_what, impostor) => {
      const { request, left } = await code('eve');
      const { status, body } = await exchange(installation, impostor, left, request);
      expect([status, body['error']]).toEqual([401, 'invalid_client']);
    });
  });

  describe('a refresh token', () => {
    const renew = (refresh_token: string, application = crm) =>
      call(`${op()}/token`, application, { grant_type: 'refresh_token', refresh_token });

    it('used again ends the grant: whoever has its successor has nothing either', async () => {
      const first = await signInTo(crm, installation, person('fay'));
      const { body: second } = await renew(first.refresh_token);
      expect(second).toMatchObject({ refresh_token: expect.any(String) });
      expect((await renew(first.refresh_token)).body).toMatchObject({ error: 'invalid_grant' });
      expect((await renew(String(second['refresh_token']))).body).toMatchObject({ error: 'invalid_grant' });
      expect(await inspect(String(second['access_token']))).toEqual({ active: false });
    });

    it('of one client gives another nothing, and stays good for its own', async () => {
      const { refresh_token } = await signInTo(crm, installation, person('fay'));
      expect((await renew(refresh_token, wiki)).body).toMatchObject({ error: 'invalid_grant' });
      expect((await renew(refresh_token)).status).toBe(200);
    });

    it('cannot be widened', async () => {
      const { refresh_token } = await signInTo(crm, installation, person('fay'), { changes: { scope: 'openid' } });
      const fields = { grant_type: 'refresh_token', refresh_token, scope: 'openid email' };
      expect((await call(`${op()}/token`, crm, fields)).body).toMatchObject({ error: 'invalid_scope' });
    });
  });

  describe('another browser', () => {
    it('cannot go on with a request that it did not begin', async () => {
      const [begun, other] = [new BrowserLess(), new BrowserLess()];
      const first = await begun.go(authorizationRequest(op(), crm).url);
      const interaction = new URL(first.headers.get('location') ?? '', op()).href;
      await signInTo(wiki, installation, person('gil'), { browser: other });
      const stolen = await other.go(interaction);
      expect([stolen.status, textOf(await stolen.text())]).toEqual([
        404,
        expect.stringContaining('no-request-under-way'),
      ]);
      expect((await walk(begun, installation, interaction, person('gil'))).left?.searchParams.has('code')).toBe(true);
    });

    it('cannot sign somebody out: the form needs what only the session knows', async () => {
      const browser = new BrowserLess();
      const tokens = await signInTo(crm, installation, person('hal'), { browser });
      const forged = await browser.submit(
        `${op()}/session/end/confirm`,
        { logout: 'yes', xsrf: 'x'.repeat(43) },
        'https://evil.example',
      );
      expect(forged.status).toBe(400);
      expect(await inspect(tokens.access_token)).toMatchObject({ active: true });
      const page = await (await browser.go(`${op()}/session/end`)).text();
      expect((await browser.submit(`${op()}/session/end/confirm`, hiddenFields(page))).status).toBe(303);
    });

    it('whose person is another is not taken for the one before', async () => {
      const browser = new BrowserLess();
      const ida = await signInTo(crm, installation, person('ida'), { browser });
      const logout = await (await browser.go(`${installation.server.url}/logout`)).text();
      await browser.submit(`${installation.server.url}/logout`, hiddenFields(logout));
      const jan = await signInTo(crm, installation, person('jan'), { browser });
      expect(claimsOf(jan.id_token)['sub']).not.toBe(claimsOf(ida.id_token)['sub']);
      expect(claimsOf(jan.id_token)).toMatchObject({ email: 'jan@acme.example' });
    });
  });

  describe('another tenant', () => {
    it('does not let its people in to an application that is not theirs: its own connections decide', async () => {
      const browser = new BrowserLess();
      await signInTo(crm, installation, person('kim'), { browser });
      const request = authorizationRequest(op(), globexCrm);
      const { left, askedIdp } = await walk(browser, installation, request.url, person('kim', 'globex'));
      expect(askedIdp).toBe(1);
      const { body } = await exchange(installation, globexCrm, left as URL, request);
      expect(claimsOf(String(body['id_token']))).toMatchObject({ aud: 'globex-crm', email: 'kim@globex.example' });
    });

    it('cannot look into tokens', async () => {
      const { access_token: token } = await signInTo(crm, installation, person('lee'));
      expect((await call(`${op()}/token/introspection`, globexCrm, { token })).body).toEqual({ active: false });
      expect(await inspect(token)).toMatchObject({ active: true });
    });
  });

  it.each([
    ['a token in the front channel', { response_type: 'token' }],
    ['an ID token in the front channel', { response_type: 'id_token' }],
    ['a request object', { request: 'e30.e30.' }],
    ['a request object by reference', { request_uri: 'https://evil.example/request.jwt' }],
    ['dynamic claims', { claims: '{"id_token":{"sub":{"value":"x"}}}', response_type: 'code id_token' }],
  ])('%s is not to be had', async (_what, changes) => {
    const { left, page } = await ask(changes);
    expect(left?.searchParams.has('code') ?? false).toBe(false);
    expect(left?.href ?? page).toMatch(
      /error=(unsupported_response_type|request_not_supported|request_uri_not_supported)/,
    );
  });

  it('addresses in answers follow the public address, whatever the request says of itself', async () => {
    const answer = await fetch(`${op()}/.well-known/openid-configuration`, {
      headers: { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
    });
    expect(JSON.stringify(await answer.json())).not.toContain('evil');
  });

  it('nothing that opens something stands in the log of the server', async () => {
    const { request, left } = await code('mia');
    const { body } = await exchange(installation, crm, left, request);
    const output = installation.server.output();
    for (const secret of [left.searchParams.get('code'), body['access_token'], body['refresh_token'], crm.secret])
      expect(output).not.toContain(String(secret));
  });
});
