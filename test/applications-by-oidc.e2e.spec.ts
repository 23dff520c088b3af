import { randomUUID } from 'node:crypto';
import { FakeOpenIdProvider } from '#libs/testing';
import {
  type Application,
  authorizationRequest,
  CALLBACK,
  call,
  claimsOf,
  exchange,
  startWithApplications,
  walk,
} from './support/applications.js';
import { BrowserLess, textOf } from './support/browser-less.js';
import { FOLLOWS_WITHIN_MS, type Installation } from './support/installation.js';

const desk: Application = { clientId: 'desk', secret: 'the-secret-of-desk-for-tests', redirectUri: CALLBACK };
const SECRET = 'a-secret-that-only-the-provider-and-gatebook-know';
const NOBODY = { nameId: 'nobody', email: '' };

// Goal: behind an OpenID provider too, an application gets the fresh proof that it asks for, and loses the session that has ended, no other.
describe('an application whose people come by OpenID Connect', () => {
  let installation: Installation;
  let provider: FakeOpenIdProvider;
  beforeAll(async () => {
    const client = { clientId: 'gatebook', clientSecret: SECRET, redirectUri: '' };
    provider = await FakeOpenIdProvider.start({ client, now: () => new Date() });
    installation = await startWithApplications(
      null,
      [
        `{ clientId: desk, clientSecret: ${desk.secret}, redirectUris: ["${CALLBACK}"], rolesOf: crm, connections: [okta] }`,
      ],
      [
        `{ id: okta, protocol: oidc, directory: staff, domains: [acme.example], trustEmail: true, jit: { create: true, update: everySignIn }, oidc: { issuer: "${provider.issuer}", clientId: gatebook, clientSecret: ${SECRET} }, attributes: { userName: email, email: email }, rules: [{ id: all, when: always, grant: [crm.reader] }] }`,
      ],
    );
    Object.assign(client, { redirectUri: `${installation.server.url}/login/okta/callback` });
  }, 60_000);
  afterAll(async () => {
    await installation?.server.stop();
    await provider?.close();
  });
  afterEach(() => {
    provider.behaviour = {};
  });

  const op = () => `${installation.server.url}/op`;

  /** Asks for the application; `onTheWay` is what the browser does to the address on which it is sent to sign in. */
  async function come(
    browser: BrowserLess,
    person: { readonly name: string; readonly sid?: string },
    changes: Readonly<Record<string, string>> = {},
    onTheWay: (asked: URL) => void = () => undefined,
  ) {
    provider.person = { sub: person.name, email: `${person.name}@acme.example`, sid: person.sid };
    const request = authorizationRequest(op(), desk, changes);
    let gone = await walk(browser, installation, request.url, NOBODY);
    let askedProvider = 0;
    while (gone.left?.origin === provider.origin && askedProvider < 3) {
      askedProvider += 1;
      onTheWay(gone.left);
      gone = await walk(browser, installation, provider.authorize(gone.left.href).href, NOBODY);
    }
    return { ...gone, askedProvider, request };
  }

  async function tokensOf(browser: BrowserLess, person: { readonly name: string; readonly sid?: string }) {
    const { left, request } = await come(browser, person);
    const { body } = await exchange(installation, desk, left as URL, request);
    return body as { readonly access_token: string; readonly id_token: string };
  }

  const isActive = async ({ access_token: token }: { readonly access_token: string }) =>
    (await call(`${op()}/token/introspection`, desk, { token })).body['active'];

  /** A provider that says when somebody proved who they are only where it is asked to. */
  const reticent = () => {
    let asked = false;
    provider.behaviour = {
      idToken: ({ header, claims }) => ({
        header,
        claims: { ...claims, auth_time: asked ? claims['auth_time'] : undefined },
      }),
    };
    return (url: URL) => {
      asked = url.searchParams.has('max_age');
    };
  };

  describe('and which asks for a fresh proof', () => {
    it.each<Readonly<Record<string, string>>>([{ prompt: 'login' }, { max_age: '60' }])(
      'gets one that the provider dates: %j',
      async (changes) => {
        const browser = new BrowserLess();
        await come(browser, { name: 'ada' }, {}, reticent());
        const { left, askedProvider } = await come(browser, { name: 'ada' }, changes, reticent());
        expect([left?.searchParams.has('code'), askedProvider]).toEqual([true, 1]);
      },
    );

    it('does not get around it by a browser that leaves the question out, and is led in no circle', async () => {
      const browser = new BrowserLess();
      const noted = reticent();
      const stripped = (asked: URL) => {
        for (const name of ['prompt', 'max_age']) asked.searchParams.delete(name);
        noted(asked);
      };
      const { page, askedProvider } = await come(browser, { name: 'bea' }, { prompt: 'login' }, stripped);
      expect([page?.status, askedProvider, textOf((await page?.text()) ?? '')]).toEqual([
        403,
        1,
        expect.stringContaining('fresh-sign-in-required'),
      ]);
      const plain = await come(browser, { name: 'bea' });
      expect([plain.left?.searchParams.has('code'), plain.askedProvider]).toEqual([true, 0]);
    });
  });

  it('loses the session that the provider has ended, and no other of the same person', async () => {
    const one = await tokensOf(new BrowserLess(), { name: 'cyd', sid: 'cyd-1' });
    const other = await tokensOf(new BrowserLess(), { name: 'cyd', sid: 'cyd-2' });
    expect(claimsOf(one.id_token)['sub']).toBe(claimsOf(other.id_token)['sub']);
    await tell({ sub: 'cyd', sid: 'cyd-1' });
    await until(async () => (await isActive(one)) === false);
    expect(await isActive(other)).toBe(true);
    await tell({ sub: 'cyd' });
    await until(async () => (await isActive(other)) === false);
  }, 40_000);

  async function tell(about: Readonly<Record<string, string>>): Promise<void> {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      ...{ iss: provider.issuer, aud: 'gatebook', iat: now, exp: now + 60, jti: randomUUID() },
      ...{ events: { 'http://schemas.openid.net/event/backchannel-logout': {} }, ...about },
    };
    const answer = await fetch(`${installation.server.url}/login/okta/backchannel-logout`, {
      method: 'POST',
      body: new URLSearchParams({ logout_token: await provider.sign({ header: { typ: 'logout+jwt' }, claims }) }),
    });
    expect(answer.status).toBe(200);
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
