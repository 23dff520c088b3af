import { BrowserLess, textOf } from './support/browser-less.js';
import { api, eventually, type LoggedEvent, wholeLog } from './support/installation.js';
import { beginAt, type OidcInstallation, signInByOidc, startOidcInstallation } from './support/oidc-installation.js';

const ada = {
  sub: 'ada-1',
  preferred_username: 'ada@acme.example',
  email: 'ada@acme.example',
  email_verified: true,
  name: 'Ada Lovelace',
  department: 'Engines',
  groups: ['crm-admins'],
};

const codeOf = async (answer: Response): Promise<string> =>
  /<code>([a-z-]+)<\/code>/.exec(await answer.text())?.[1] ?? '';

const judged = async (answer: Response): Promise<[number, string]> => [answer.status, await codeOf(answer)];

// Goal: an OpenID provider signs people in as a SAML one does, and no answer counts but the one to the browser that asked.
describe('signing in by OpenID Connect', () => {
  let installation: OidcInstallation;
  beforeAll(async () => {
    installation = await startOidcInstallation();
  }, 60_000);
  afterAll(() => installation?.stop());
  beforeEach(() => {
    installation.provider.behaviour = {};
    installation.other.behaviour = {};
  });

  const person = (name: string, more: object = {}) => ({
    ...ada,
    sub: `${name}-1`,
    preferred_username: `${name}@acme.example`,
    email: `${name}@acme.example`,
    ...more,
  });

  describe('makes an account at the first sign-in', () => {
    it('with profile, roles by rule, a session, and the evidence', async () => {
      const browser = new BrowserLess();
      const answer = await signInByOidc(browser, installation, ada);
      expect([answer.status, answer.headers.get('location')]).toEqual([303, '/me']);

      const me = textOf(await (await browser.go(`${installation.server.url}/me`)).text());
      expect(me).toContain('Ada Lovelace');
      expect(me).toContain('CRM administrator');
      const { body } = await eventually(
        () => api(installation.server, '/api/v1/accounts?tenant=acme&email=ada@acme.example'),
        (answered) => answered.body.items.length === 1,
      );
      expect(body.items[0]).toMatchObject({ userName: 'ada@acme.example', displayName: 'Ada Lovelace' });
      const signedIn = await lastOf(installation, 'SignedIn', body.items[0].id);
      expect(signedIn.data).toMatchObject({
        protocol: 'oidc',
        connection: 'corp-oidc',
        groups: 'known',
        proof: { issuer: installation.provider.issuer, initiatedBy: 'sp', certificateSha256: expect.any(String) },
      });
      expect(
        signedIn.data.judgements.map((one: { rule: string; matched: boolean }) => [one.rule, one.matched]),
      ).toEqual([
        ['everyone', true],
        ['admins', true],
      ]);
    });

    it('and finds it again by issuer and sub at the next, taking back what the groups no longer give', async () => {
      const bea = person('bea');
      await signInByOidc(new BrowserLess(), installation, bea);
      const browser = new BrowserLess();
      await signInByOidc(browser, installation, { ...bea, email: 'bea.new@acme.example', groups: [] });
      const me = textOf(await (await browser.go(`${installation.server.url}/me`)).text());
      expect(me).toContain('bea.new@acme.example');
      expect(me).toContain('CRM reader');
      expect(me).not.toContain('CRM administrator');
    });

    it('by OAuth 2.0 without an ID token, from the profile', async () => {
      const browser = new BrowserLess();
      const profile = {
        sub: 'unused',
        id: 4711,
        login: 'hal',
        email: 'hal@acme.example',
        email_verified: true,
        name: 'Hal',
      };
      const answer = await signInByOidc(browser, installation, profile, 'hub');
      expect(answer.status).toBe(303);
      expect(textOf(await (await browser.go(`${installation.server.url}/me`)).text())).toContain('hal@acme.example');
    });
  });

  it('keeps roles when the provider says that there are more groups than fit', async () => {
    const cyd = person('cyd');
    await signInByOidc(new BrowserLess(), installation, cyd);
    const browser = new BrowserLess();
    const { groups: _left, ...withoutGroups } = cyd;
    const overage = { ...withoutGroups, _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: 'x' } } };
    expect((await signInByOidc(browser, installation, overage)).status).toBe(303);
    const me = textOf(await (await browser.go(`${installation.server.url}/me`)).text());
    expect(me).toContain('CRM administrator');
  });

  it('asks for what is always needed: PKCE with S256, state, nonce; and for the context that an application needs', async () => {
    const asked = new URL(await beginAt(new BrowserLess(), installation, 'corp-oidc', '?acr=urn:acme:strong'));
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      response_type: 'code',
      client_id: 'gatebook',
      redirect_uri: `${installation.server.url}/login/corp-oidc/callback`,
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{22}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      acr_values: 'urn:acme:strong',
    });
  });

  it('asks for a fresh proof where one is wanted, and only there', async () => {
    const asked = async (query: string) => {
      const { searchParams } = new URL(await beginAt(new BrowserLess(), installation, 'corp-oidc', query));
      return [searchParams.get('prompt'), searchParams.get('max_age')];
    };
    expect([await asked('?prompt=login'), await asked('')]).toEqual([
      ['login', '0'],
      [null, null],
    ]);
  });

  it('returns to where the person wanted to go', async () => {
    const browser = new BrowserLess();
    installation.provider.person = person('dan');
    const asked = await beginAt(browser, installation, 'corp-oidc', '?returnTo=%2Fme%3Ftab%3D1');
    const answer = await browser.go(installation.provider.authorize(asked).href);
    expect(answer.headers.get('location')).toBe('/me?tab=1');
  });

  it('takes an answer that is posted, by the same browser only', async () => {
    const browser = new BrowserLess();
    installation.provider.person = person('eve');
    const back = installation.provider.authorize(await beginAt(browser, installation));
    const fields = Object.fromEntries(back.searchParams);
    const address = `${back.origin}${back.pathname}`;
    const posted = await browser.submit(address, fields, installation.provider.origin);
    expect(posted.status).toBe(303);
    const elsewhere = await new BrowserLess().go(new URL(posted.headers.get('location') ?? '', address).href);
    expect(await judged(elsewhere)).toEqual([400, 'sign-in-not-under-way']);
    const answer = await browser.go(new URL(posted.headers.get('location') ?? '', address).href);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/me']);
  });

  it('shows the provider’s refusal on a page and records it', async () => {
    const browser = new BrowserLess();
    installation.provider.behaviour = {
      answer: (honest) => {
        honest.delete('code');
        honest.set('error', 'access_denied');
        honest.set('error_description', '<script>alert(1)</script>');
      },
    };
    const back = installation.provider.authorize(await beginAt(browser, installation));
    const answer = await browser.go(back.href);
    const page = await answer.text();
    expect([answer.status, page.includes('provider-refused'), page.includes('alert(1)')]).toEqual([400, true, false]);
    await refusalLogged(installation, 'provider-refused');
  });

  it('tells a provider that cannot be reached from a refusal: 503, and the next sign-in works', async () => {
    const browser = new BrowserLess();
    installation.provider.behaviour = { down: { '/token': 503 } };
    installation.provider.person = person('fay');
    const answer = await browser.go(installation.provider.authorize(await beginAt(browser, installation)).href);
    expect(await judged(answer)).toEqual([503, 'provider-unreachable']);
    installation.provider.behaviour = {};
    expect((await signInByOidc(browser, installation, person('fay'))).status).toBe(303);
  });

  describe('refuses', () => {
    it('an answer in another browser than the one that asked, and asks nothing of the provider for it', async () => {
      const [victim, thief] = [new BrowserLess(), new BrowserLess()];
      installation.provider.person = person('gil');
      const back = installation.provider.authorize(await beginAt(victim, installation));
      const redeemed = installation.provider.callsOf('/token');
      expect(await judged(await thief.go(back.href))).toEqual([400, 'sign-in-not-under-way']);
      expect(installation.provider.callsOf('/token')).toBe(redeemed);
      await refusalLogged(installation, 'sign-in-not-under-way');
      // the twin: where it belongs, the same answer is good
      expect((await victim.go(back.href)).status).toBe(303);
    });

    it('a stolen code in a sign-in of the thief’s own: the verifier is another one', async () => {
      const [victim, thief] = [new BrowserLess(), new BrowserLess()];
      installation.provider.person = person('hel');
      const stolen = installation.provider.authorize(await beginAt(victim, installation));
      const own = installation.provider.authorize(await beginAt(thief, installation));
      own.searchParams.set('code', stolen.searchParams.get('code') ?? '');
      expect(await judged(await thief.go(own.href))).toEqual([400, 'code-refused']);
      expect(thief.cookieNames(installation.server.url).some((name) => name.includes('session'))).toBe(false);
    });

    it('a stolen code also where the provider overlooks the verifier: the nonce is another one', async () => {
      const [victim, thief] = [new BrowserLess(), new BrowserLess()];
      installation.provider.person = person('ida');
      installation.provider.behaviour = { ignorePkce: true };
      const stolen = installation.provider.authorize(await beginAt(victim, installation));
      const own = installation.provider.authorize(await beginAt(thief, installation));
      own.searchParams.set('code', stolen.searchParams.get('code') ?? '');
      expect(await judged(await thief.go(own.href))).toEqual([400, 'nonce-mismatch']);
    });

    it('a state that was made up, left out, or taken from another sign-in of the same browser', async () => {
      const browser = new BrowserLess();
      installation.provider.person = person('jon');
      const one = installation.provider.authorize(await beginAt(browser, installation));
      const other = installation.provider.authorize(await beginAt(browser, installation));
      const changed = (state: string | null) => {
        const url = new URL(one);
        if (state === null) url.searchParams.delete('state');
        else url.searchParams.set('state', state);
        return browser.go(url.href);
      };
      expect(await judged(await changed('A'.repeat(22)))).toEqual([400, 'sign-in-not-under-way']);
      expect(await judged(await changed(null))).toEqual([400, 'sign-in-not-under-way']);
      expect((await browser.go(one.href)).status).toBe(303);
      const third = installation.provider.authorize(await beginAt(browser, installation));
      third.searchParams.set('state', other.searchParams.get('state') ?? '');
      expect(await judged(await browser.go(third.href))).toEqual([400, 'code-refused']);
    });

    it('the same answer a second time', async () => {
      const browser = new BrowserLess();
      installation.provider.person = person('kim');
      const back = installation.provider.authorize(await beginAt(browser, installation));
      expect((await browser.go(back.href)).status).toBe(303);
      expect(await judged(await browser.go(back.href))).toEqual([400, 'sign-in-not-under-way']);
    });

    it('one of two at once: an answer counts once', async () => {
      const browser = new BrowserLess();
      installation.provider.person = person('lea');
      const back = installation.provider.authorize(await beginAt(browser, installation));
      const answers = await Promise.all([browser.go(back.href), browser.go(back.href)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([303, 400]);
    });

    it('an answer for another connection than the one that was asked', async () => {
      const browser = new BrowserLess();
      installation.provider.person = person('mia');
      const back = installation.provider.authorize(await beginAt(browser, installation));
      const mixedUp = back.href.replace('/login/corp-oidc/', '/login/other-oidc/');
      expect(await judged(await browser.go(mixedUp))).toEqual([400, 'sign-in-not-under-way']);
    });

    it('a mix-up: another provider answers in the name of the one that was asked (RFC 9207)', async () => {
      const browser = new BrowserLess();
      const { provider, other } = installation;
      provider.behaviour = { answer: (honest) => honest.set('iss', other.issuer) };
      provider.person = person('ned');
      const redeemed = provider.callsOf('/token');
      const back = provider.authorize(await beginAt(browser, installation));
      expect(await judged(await browser.go(back.href))).toEqual([400, 'wrong-issuer']);
      expect(provider.callsOf('/token')).toBe(redeemed);
      provider.behaviour = { answer: (honest) => honest.set('iss', provider.issuer) };
      expect((await signInByOidc(browser, installation, person('ned'))).status).toBe(303);
    });

    it.each([
      ['for another audience', { aud: 'somebody-else' }, 'wrong-audience'],
      ['of another issuer', { iss: 'https://evil.example' }, 'wrong-issuer'],
      ['with another nonce', { nonce: 'N'.repeat(43) }, 'nonce-mismatch'],
      ['without a nonce', { nonce: undefined }, 'nonce-mismatch'],
      ['that is over', { exp: 1_000_000 }, 'expired'],
    ])('a token %s', async (_what, change, code) => {
      const browser = new BrowserLess();
      installation.provider.behaviour = {
        idToken: ({ header, claims }) => ({ header, claims: { ...claims, ...change } }),
      };
      expect(await judged(await signInByOidc(browser, installation, person('oto')))).toEqual([400, code]);
      expect((await browser.go(`${installation.server.url}/me`)).status).toBe(302);
    });

    it('a person of another provider with the same sub and address, and never takes them for the first', async () => {
      const pia = person('pia');
      expect((await signInByOidc(new BrowserLess(), installation, pia)).status).toBe(303);
      const answer = await signInByOidc(new BrowserLess(), installation, pia, 'other-oidc');
      expect(await judged(answer)).toEqual([403, 'account-exists-unlinked']);
    });

    it('an unknown connection, and one that speaks another protocol', async () => {
      const { url } = installation.server;
      const unknown = await new BrowserLess().go(`${url}/login/nobody-knows/callback?code=x&state=${'A'.repeat(22)}`);
      expect(await judged(unknown)).toEqual([404, 'unknown-connection']);
      const tokens = await new BrowserLess().go(`${url}/login/tokens/callback?code=x&state=${'A'.repeat(22)}`);
      expect(await judged(tokens)).toEqual([404, 'unknown-connection']);
      expect(await judged(await new BrowserLess().go(`${url}/login/tokens`))).toEqual([503, 'connection-not-ready']);
    });
  });

  it('lists the connections by their names, and not those for programs', async () => {
    const page = textOf(await (await fetch(`${installation.server.url}/login`)).text());
    expect(page).toContain('Continue with corp-oidc people');
    expect(page).toContain('Continue with hub');
    expect(page).not.toContain('tokens');
  });

  it('offers an application’s connections alone, and leads directly to a single one', async () => {
    const { url } = installation.server;
    const two = textOf(await (await fetch(`${url}/login?connections=corp-oidc,hub&returnTo=%2Fme`)).text());
    expect(two).toContain('hub');
    expect(two).not.toContain('other-oidc');
    const one = await fetch(`${url}/login?connections=hub&returnTo=%2Fme&acr=mfa`, { redirect: 'manual' });
    expect([one.status, one.headers.get('location')]).toEqual([302, '/login/hub?returnTo=%2Fme&acr=mfa']);
  });

  it('keeps codes, verifiers, nonces and client secrets out of its output', () => {
    const output = installation.server.output();
    const [request] = installation.provider.tokenRequests;
    for (const secret of [request?.get('code'), request?.get('code_verifier'), 'a-secret-that-only']) {
      expect(secret).toBeTruthy();
      expect(output).not.toContain(secret);
    }
  });
});

async function lastOf({ server }: OidcInstallation, type: string, account: string): Promise<LoggedEvent> {
  const found = (await wholeLog(server))
    .filter((event) => event.type === type && event.data.account === account)
    .at(-1);
  if (!found) throw new Error(`There is no ${type} of this account in the log.`);
  return found;
}

async function refusalLogged({ server }: OidcInstallation, code: string): Promise<void> {
  await eventually(
    () => api(server, '/api/v1/events?type=SignInRefused&limit=200'),
    ({ body }) => body.items.some((event: LoggedEvent) => event.data.code === code),
  );
}
