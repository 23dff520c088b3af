/** A customer's administrator sets a connection up by a link: sees our addresses, tries it out, and cannot do anything else. */
import { issueConnectionLink } from '#libs/configuration';
import { connectionSettings, FakeOpenIdProvider, rule, sampleOidc } from '#libs/testing';
import { BrowserLess, textOf } from '../../../../test/support/browser-less.js';
import { type GateServer, startGate } from '../gate-server.fixture.js';

jest.setTimeout(60_000);

const SECRET = 'known-to-the-provider-and-gatebook';
const ada = { sub: 'ada-1', email: 'ada@acme.example', groups: ['crm-people', 'engineering'] };

let gate: GateServer;
let provider: FakeOpenIdProvider;
beforeAll(async () => {
  gate = await startGate();
  provider = await FakeOpenIdProvider.start({
    client: { clientId: 'gatebook', clientSecret: SECRET, redirectUri: `${gate.url}/login/okta/callback` },
    now: () => new Date(),
  });
  const clientSecret = await gate.secrets.put('acme', SECRET);
  const settings = connectionSettings({
    protocol: 'oidc',
    displayName: 'Acme staff',
    preset: 'okta-oidc',
    saml: null,
    oidc: { ...sampleOidc, issuer: provider.issuer, clientSecret },
    attributes: { userName: 'email', email: 'email' },
    rules: [rule('crm', 'crm-people', ['crm.reader']), rule('nobody', 'board', ['crm.reader'])],
  });
  await gate.connect('okta', settings, { enabled: false });
  await gate.connect('other', settings);
});
afterAll(async () => {
  await provider?.close();
  await gate?.close();
});

let links = 0;
async function newLink(connection = 'okta') {
  links += 1;
  const { link } = await issueConnectionLink(
    { path: gate.path, publicUrl: gate.url },
    connection,
    gate.metadata(`link ${links}`),
  );
  return link?.url ?? '';
}

/** Opens a link in a browser. @returns the address of the page */
async function opened(browser: BrowserLess, link: string): Promise<string> {
  const answer = await browser.submit(link, {});
  return new URL(answer.headers.get('location') ?? '', gate.url).href;
}

const typesInLog = async () =>
  (await gate.path.store.readLog({ after: -1, categories: ['signIn', 'account', 'signInRefusal'] })).events.map(
    ({ type }) => type,
  );

describe('a link to set up a connection', () => {
  it('shows what it does as often as anybody looks, and opens the page by the button', async () => {
    const [browser, link] = [new BrowserLess(), await newLink()];
    for (const visit of [1, 2]) expect([visit, (await browser.go(link)).status]).toEqual([visit, 200]);
    const page = await browser.go(await opened(browser, link));
    const text = textOf(await page.text());
    expect(page.status).toBe(200);
    expect(text).toContain('Set up Acme staff');
    expect(text).toContain(`${gate.url}/login/okta/callback`);
    expect(text).toContain('switched off');
  });

  it('works once, and its page is for the browser that used it', async () => {
    const [browser, other, link] = [new BrowserLess(), new BrowserLess(), await newLink()];
    const page = await opened(browser, link);
    expect((await other.submit(link, {})).status).toBe(404);
    expect((await other.go(link)).status).toBe(404);
    expect((await other.go(page)).status).toBe(404);
    expect((await other.go(`${page}/test`)).status).toBe(404);
    expect((await browser.go(page)).status).toBe(200);
    expect(page).not.toContain(link.split('.').at(-1));
  });

  it('opens nothing of another connection, and gives no key', async () => {
    const [browser, link] = [new BrowserLess(), await newLink()];
    const page = await opened(browser, link);
    expect((await browser.go(page.replace('okta~', 'other~'))).status).toBe(404);
    expect((await browser.go(link.replace('okta~', 'other~'))).status).toBe(404);
    const withoutConnection = link.replace('okta~', '');
    expect((await browser.submit(withoutConnection, {})).status).toBe(404);
  });

  it('is not used up by another site that posts the form', async () => {
    const link = await newLink();
    expect((await new BrowserLess().submit(link, {}, 'https://evil.example/')).status).toBe(404);
    expect((await fetch(link)).status).toBe(200);
  });

  it('leaves its hashes in the log of the customer, and no secret anywhere', async () => {
    const [browser, link] = [new BrowserLess(), await newLink()];
    await opened(browser, link);
    const { events } = await gate.path.store.readLog({ after: -1, categories: ['setupLink'] });
    const used = events.at(-1);
    expect([used?.type, used?.stream.startsWith('setupLink-acme+')]).toEqual(['SetupLinkUsed', true]);
    const secret = link.split('.').at(-1) as string;
    expect(JSON.stringify(events)).not.toContain(secret);
    expect(gate.logged.join('')).not.toContain(secret);
  });
});

describe('a test sign-in', () => {
  async function tried(browser: BrowserLess, person: { readonly sub: string }): Promise<Response> {
    provider.person = person;
    const page = await opened(browser, await newLink());
    const begun = await browser.go(`${page}/test`);
    return browser.go(provider.authorize(begun.headers.get('location') ?? '').href);
  }

  it('shows the claims, the groups, the rules with their reasons, and what the mapping makes, although the connection is off', async () => {
    const answer = await tried(new BrowserLess(), ada);
    const text = textOf(await answer.text());
    expect(answer.status).toBe(200);
    for (const shown of [
      'ada-1',
      'ada@acme.example',
      'crm-people, engineering',
      'crm.reader',
      'The connection would let you in',
    ])
      expect(text).toContain(shown);
    expect(text).toMatch(/nobody no /);
  });

  it('says why a person would be turned away', async () => {
    const answer = await tried(new BrowserLess(), { ...ada, email: 'ada@elsewhere.example' } as typeof ada);
    expect(textOf(await answer.text())).toContain('foreign-domain');
  });

  it('provisions nothing, starts no session and records nothing', async () => {
    const browser = new BrowserLess();
    const before = await typesInLog();
    await tried(browser, ada);
    expect(await typesInLog()).toEqual(before);
    expect(browser.cookieNames(gate.url)).toEqual(['__Host-gatebook-setup']);
    expect((await browser.go(`${gate.url}/me`)).status).toBe(302);
  });

  it('is refused and recorded as any other answer when it is not verified', async () => {
    provider.behaviour = { idToken: ({ header, claims }) => ({ header, claims: { ...claims, aud: 'somebody-else' } }) };
    const answer = await tried(new BrowserLess(), ada);
    provider.behaviour = {};
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('wrong-audience')]);
    expect((await typesInLog()).at(-1)).toBe('SignInRefused');
  });

  it('does not turn into a sign-in: the connection stays shut to everybody else', async () => {
    expect((await new BrowserLess().go(`${gate.url}/login/okta`)).status).toBe(403);
  });
});
