/** What another site begins: it may lead somebody in, and replaces nobody's session by another account's. */
import { connectionSettings, FakeOpenIdProvider, sampleOidc } from '#libs/testing';
import { BrowserLess, textOf } from '../../../../test/support/browser-less.js';
import { type GateServer, startGate } from '../gate-server.fixture.js';

jest.setTimeout(60_000);

const SECRET = 'a-secret-that-only-the-provider-and-gatebook-know';
const FROM_ELSEWHERE = { 'sec-fetch-site': 'cross-site' };

let gate: GateServer;
let provider: FakeOpenIdProvider;
beforeAll(async () => {
  gate = await startGate();
  const client = { clientId: 'gatebook', clientSecret: SECRET, redirectUri: `${gate.url}/login/okta/callback` };
  provider = await FakeOpenIdProvider.start({ client, now: () => new Date() });
  const clientSecret = await gate.secrets.put('acme', SECRET);
  const oidc = { ...sampleOidc, issuer: provider.issuer, clientSecret };
  const attributes = { userName: 'email', email: 'email' };
  const domains = ['acme.example'];
  await gate.connect('okta', connectionSettings({ protocol: 'oidc', saml: null, oidc, attributes, domains }));
});
afterAll(async () => {
  await provider?.close();
  await gate?.close();
});

/** Begins at an address of this server, answers as the provider, and tells whose page comes of it, or the code of the refusal. */
async function come(browser: BrowserLess, name: string, headers: Record<string, string> = {}): Promise<string> {
  provider.person = { sub: name, email: `${name}@acme.example` };
  const begun = await browser.go(`${gate.url}/login/okta`, { headers });
  const answer = await browser.go(provider.authorize(begun.headers.get('location') ?? '').href);
  if (answer.status !== 303) return /<code>([a-z-]+)<\/code>/.exec(await answer.text())?.[1] ?? '';
  return whoseIs(browser);
}

async function whoseIs(browser: BrowserLess): Promise<string> {
  const page = textOf(await (await browser.go(`${gate.url}/me`)).text());
  return /(\w+)@acme\.example/.exec(page)?.[1] ?? 'nobody';
}

describe('a sign-in that another site began', () => {
  it('does not replace the session of another account, and is on record', async () => {
    const browser = new BrowserLess();
    expect(await come(browser, 'ada')).toBe('ada');
    expect(await come(browser, 'mallory', FROM_ELSEWHERE)).toBe('session-of-another-account');
    expect(await whoseIs(browser)).toBe('ada');
    const { events } = await gate.path.store.readLog({ after: -1, categories: ['signInRefusal'] });
    expect(events.map(({ data }) => (data as { code: string }).code)).toContain('session-of-another-account');
  });

  it('leads in whoever is not signed in, and the same person again', async () => {
    const browser = new BrowserLess();
    expect(await come(browser, 'bob', FROM_ELSEWHERE)).toBe('bob');
    expect(await come(browser, 'bob', FROM_ELSEWHERE)).toBe('bob');
  });

  it.each(['none', 'same-origin'])('is not one that the person began: %s', async (site) => {
    const browser = new BrowserLess();
    expect(await come(browser, 'cyd')).toBe('cyd');
    expect(await come(browser, 'dan', { 'sec-fetch-site': site })).toBe('dan');
  });

  it('does not turn into one of this site on the page that finds the connection', async () => {
    const ask = (headers: Record<string, string>) =>
      fetch(`${gate.url}/login`, { method: 'POST', headers, body: new URLSearchParams({ email: 'eve@acme.example' }) });
    const sent = await ask(FROM_ELSEWHERE);
    expect([sent.headers.get('refresh'), (await sent.text()).includes('Continue with')]).toEqual([null, true]);
    expect((await ask({ 'sec-fetch-site': 'same-origin' })).headers.get('refresh')).toContain('/login/okta');
  });
});
