import { type ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { startWithApplications, walk } from './support/applications.js';
import { BrowserLess, formAction, hiddenFields, textOf } from './support/browser-less.js';
import { api, type Installation } from './support/installation.js';
import { freePort } from './support/started-server.js';
import type { TestPerson } from './support/test-idp.js';

const SECRET = 'the-secret-of-notes-for-tests';
const SCRIPT = join(resolve(__dirname, '..'), 'examples/application/application.mjs');

// Goal: an application that knows nothing of Gatebook but OpenID Connect signs people in through it. Method: the example as it is shipped.
describe('the sample application', () => {
  let installation: Installation;
  let application: ChildProcess;
  let home: string;
  const ada: TestPerson = { nameId: 'id-of-ada', email: 'ada@acme.example', groups: ['crm-admins'] };

  beforeAll(async () => {
    const port = await freePort();
    home = `http://localhost:${port}`;
    installation = await startWithApplications(null, [
      `{ clientId: notes, clientSecret: ${SECRET}, redirectUris: ["${home}/callback"], postLogoutRedirectUris: ["${home}/"], backchannelLogoutUri: "http://127.0.0.1:${port}/backchannel-logout", rolesOf: crm, connections: [corp] }`,
    ]);
    application = spawn(process.execPath, [SCRIPT], {
      env: {
        PATH: process.env['PATH'],
        PORT: String(port),
        ISSUER: `${installation.server.url}/op`,
        CLIENT_SECRET: SECRET,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise<void>((ready, failed) => {
      application.stdout?.once('data', () => ready());
      application.once('exit', (code) => failed(new Error(`The application ended with ${code}.`)));
    });
  }, 60_000);
  afterAll(async () => {
    application?.kill();
    await installation?.server.stop();
  });

  /** Lets a browser sign in: application, Gatebook, identity provider, and back. */
  async function signIn(browser: BrowserLess): Promise<string> {
    const started = await browser.go(`${home}/sign-in`);
    const { left } = await walk(browser, installation, started.headers.get('location') ?? '', ada);
    const back = await browser.go(left?.href ?? '');
    expect([back.status, back.headers.get('location')]).toEqual([303, '/']);
    return textOf(await (await browser.go(home)).text());
  }

  it('greets the person by name, with the roles of the application', async () => {
    expect(await signIn(new BrowserLess())).toContain('Notes of Ada Lovelace Here you are: crm.admin crm.reader');
  });

  it('signs out here and there', async () => {
    const browser = new BrowserLess();
    await signIn(browser);
    const leaving = await browser.go(`${home}/sign-out`);
    const page = await (await browser.go(leaving.headers.get('location') ?? '')).text();
    const left = await browser.submit(formAction(page), hiddenFields(page));
    expect(left.headers.get('location')).toBe(`${home}/`);
    expect((await browser.go(`${installation.server.url}/me`)).status).toBe(302);
  });

  it('shows the person out with the next click once the account is suspended', async () => {
    const browser = new BrowserLess();
    await signIn(browser);
    const { body } = await api(installation.server, '/api/v1/accounts?tenant=acme&email=ada@acme.example');
    const path = `/api/v1/accounts/${body.items[0].id}/deactivate?tenant=acme`;
    await api(installation.server, path, { method: 'POST', body: { reason: 'left' } });
    expect(textOf(await (await browser.go(home)).text())).toMatch(/Your access has ended|Sign in/);
  });
});
