/** The sign-in page: which connections it shows, to whom an e-mail address leads, and what it never tells. */
import { connectionSettings } from '#libs/testing';
import { BrowserLess, textOf } from '../../../../test/support/browser-less.js';
import { type GateServer, startGate } from '../gate-server.fixture.js';

jest.setTimeout(60_000);

const LOGO = 'data:image/png;base64,iVBORw0KGgo=';

let gate: GateServer;
beforeAll(async () => {
  gate = await startGate();
  const named = (displayName: string, over: Parameters<typeof connectionSettings>[0] = {}) =>
    connectionSettings({ displayName, ...over });
  await gate.connect('staff', named('Acme <staff>', { logo: LOGO }));
  await gate.connect('partners', named('Partners', { domains: ['partner.example', 'acme.example'] }));
  await gate.connect('claimed', named('Claimed', { domains: ['victim.example'], domainOwnership: 'dns' }));
  await gate.connect('off', named('Off', { domains: ['off.example'] }), { enabled: false });
});
afterAll(() => gate?.close());

const pageOf = async (path: string) => (await fetch(`${gate.url}${path}`)).text();
const ask = (email: string) => new BrowserLess().submit(`${gate.url}/login`, { email, returnTo: '/me' });

describe('the sign-in page', () => {
  it('names the connections, with their pictures, and takes names for text', async () => {
    const page = await pageOf('/login');
    expect(page.match(/<h1>/g)).toHaveLength(1);
    expect(page).toContain('Continue with Acme &lt;staff&gt;');
    expect(page).toContain(`<img src="${LOGO}" alt=""`);
    expect(page).toContain('<nav aria-label="Ways of signing in">');
    expect(textOf(page)).toContain('Continue with Partners');
    expect(page).not.toContain('Off');
  });

  it('keeps where the person wants to go, and how an application wants them to sign in', async () => {
    const page = await pageOf('/login?returnTo=%2Fop%2Finteraction%2Fx&acr=mfa&prompt=login');
    expect(page).toContain('href="/login/staff?returnTo=%2Fop%2Finteraction%2Fx&amp;acr=mfa&amp;prompt=login"');
  });

  it('offers only what an application names, of that only what there is, and says so when there is nothing', async () => {
    const both = await pageOf('/login?connections=staff,partners,nobody-knows');
    expect(both).not.toContain('Claimed');
    expect(both.match(/Continue with/g)).toHaveLength(2);
    const none = await pageOf('/login?connections=off,nobody-knows');
    expect(none).not.toContain('Continue with');
    expect(none).not.toContain('name="email"');
  });
});

describe('an e-mail address', () => {
  it('leads to all connections of its domain', async () => {
    const answer = await ask('ada@ACME.example');
    const page = await answer.text();
    expect([answer.status, answer.headers.get('refresh')]).toEqual([200, null]);
    expect(page.match(/Continue with/g)).toHaveLength(2);
  });

  it('leads on at once where there is one', async () => {
    const answer = await ask('pat@partner.example');
    expect([answer.status, answer.headers.get('refresh')]).toEqual([200, '0; url=/login/partners?returnTo=%2Fme']);
  });

  it.each(['somebody@victim.example', 'somebody@off.example', 'somebody@nowhere.example', 'no-address', 'x@'])(
    'leads nowhere by a domain that is merely claimed, switched off or unknown: %s',
    async (email) => {
      const answer = await ask(email);
      const page = await answer.text();
      expect([answer.status, page.includes('No connection signs in')]).toEqual([404, true]);
      expect(page).not.toContain(email);
    },
  );

  it('is answered alike whether or not there is such an account', async () => {
    const [known, unknown] = [await ask('ada@partner.example'), await ask('nobody-at-all@partner.example')];
    const withoutNonce = async (answer: Response) => (await answer.text()).replaceAll(/nonce="[^"]*"/g, '');
    expect(await withoutNonce(known)).toBe(await withoutNonce(unknown));
  });

  it('is not kept, and not logged', async () => {
    await ask('private.person@partner.example');
    expect(gate.logged.join('')).not.toContain('private.person');
  });
});
