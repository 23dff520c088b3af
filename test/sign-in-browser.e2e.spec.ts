import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { buildSamlResponse, createIdentityProviderKey, encodeSamlResponse, readAuthnRequest } from '#libs/saml-idp';
import { startChromium } from './support/chromium.js';
import { type OidcInstallation, startOidcInstallation } from './support/oidc-installation.js';
import { dataFolder, freePort, type StartedServer, startServer } from './support/started-server.js';
import { configurationOf, honest, type IdentityProviderKey } from './support/test-idp.js';

/** Set it to a folder to keep a picture of each page. */
const SCREENSHOTS = process.env['TEST_SCREENSHOTS'];

/** A page of another site that leads on by itself, as identity providers' do. */
const pageThat = (does: string) => ({
  contentType: 'text/html',
  body: `<!doctype html><title>provider</title><body>${does}</body>`,
});

const formTo = (action: string, fields: Readonly<Record<string, string>>) =>
  `<form method="post" action="${action}">${Object.entries(fields)
    .map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`)
    .join('')}</form><script>document.forms[0].submit()</script>`;

// Goal: a real browser, with its own rules about cookies, sites and content policies, takes every way to a provider and back.
// Gatebook is `localhost`; the providers are other sites.
describe('in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startChromium();
  }, 60_000);
  afterAll(() => browser?.close());

  const open = async (): Promise<{ page: Page; complaints: string[] }> => {
    const page = await (await browser.newContext({ viewport: { width: 1000, height: 900 } })).newPage();
    const complaints: string[] = [];
    // the fake providers have no pages of their own, which is no fault of ours
    const isOurs = (url: string) => !url.startsWith('http://127.0.0.1');
    page.on('console', (message) => {
      if (message.type() === 'error' && isOurs(message.location().url)) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    return { page, complaints };
  };
  const picture = async (page: Page, name: string) => {
    if (!SCREENSHOTS) return;
    mkdirSync(SCREENSHOTS, { recursive: true });
    await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
  };

  describe('OpenID Connect', () => {
    let installation: OidcInstallation;
    beforeAll(async () => {
      installation = await startOidcInstallation();
    }, 60_000);
    afterAll(() => installation?.stop());

    /** Lets the provider, at whose page the browser is, answer by an address that it follows, or by a form that it posts. */
    async function answer(page: Page, how: 'link' | 'form'): Promise<void> {
      const { provider } = installation;
      provider.person = { sub: `${how}-1`, preferred_username: how, email: `${how}@acme.example`, name: `By ${how}` };
      await page.waitForURL(`${provider.origin}/authorize**`);
      const back = provider.authorize(page.url());
      const form = formTo(`${back.origin}${back.pathname}`, Object.fromEntries(back.searchParams));
      if (how === 'form') await page.setContent(form);
      else await page.evaluate((href) => Object.assign(window, { location: href }), back.href);
      await page.waitForURL(`${installation.server.url}/me`);
    }

    it.each(['link', 'form'] as const)(
      'signs in across two sites when the answer comes by a %s',
      async (how) => {
        const { page, complaints } = await open();
        await page.goto(`${installation.server.url}/login`);
        await picture(page, 'login-oidc');
        await page.getByRole('link', { name: 'Continue with corp-oidc people' }).click();
        await answer(page, how);
        expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(`By ${how}`);
        expect(complaints).toEqual([]);
        const cookies = await page.context().cookies();
        expect(cookies.filter(({ name }) => name.includes('sign-in'))).toEqual([]);
      },
      60_000,
    );

    it('keeps its place on the page for the keyboard: each way of signing in is reached and opened by it', async () => {
      const { page } = await open();
      await page.goto(`${installation.server.url}/login`);
      const reached = async () => {
        await page.keyboard.press('Tab');
        return page.locator(':focus').innerText();
      };
      const order = [await reached(), await reached(), await reached(), await reached()];
      expect(order).toEqual([
        'Skip to the content',
        'Gatebook',
        'Continue with corp-oidc people',
        'Continue with other-oidc people',
      ]);
      await page.getByRole('link', { name: 'Continue with corp-oidc people' }).focus();
      await page.keyboard.press('Enter');
      await answer(page, 'link');
    }, 60_000);
  });

  describe('SAML with requests by a form', () => {
    let server: StartedServer;
    let key: IdentityProviderKey;
    beforeAll(async () => {
      key = await createIdentityProviderKey({ commonName: 'test identity provider', now: new Date() });
      const dataDir = dataFolder();
      const configuration = join(dataDir, 'gatebook.yaml');
      writeFileSync(
        configuration,
        configurationOf(key.certificatePem).replaceAll('ssoUrl:', 'requestBinding: post\n          ssoUrl:'),
      );
      server = await startServer({ dataDir, port: await freePort(), env: { GATEBOOK_CONFIG: configuration } });
    }, 60_000);
    afterAll(() => server?.stop());

    it('hands the browser over without a click, under the page’s own policy, and takes the answer', async () => {
      const { page, complaints } = await open();
      const person = { nameId: 'ada-1', email: 'ada@acme.example' };
      await page.route('https://idp.example/sso', (route) => {
        const posted = new URLSearchParams(route.request().postData() ?? '');
        const { id: requestId } = readAuthnRequest({ SAMLRequest: posted.get('SAMLRequest') ?? '' }, 'post');
        const SAMLResponse = encodeSamlResponse(
          buildSamlResponse({ ...honest(server.url, 'corp', person, key), requestId }),
        );
        const fields = { SAMLResponse, RelayState: posted.get('RelayState') ?? '' };
        return route.fulfill(pageThat(formTo(`${server.url}/saml/corp/acs`, fields)));
      });
      await page.goto(`${server.url}/login/corp`);
      await page.waitForURL(`${server.url}/me`);
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Ada Lovelace');
      expect(complaints).toEqual([]);
    }, 60_000);

    it('hands it over by a button where scripts are off', async () => {
      const context = await browser.newContext({ javaScriptEnabled: false });
      const page = await context.newPage();
      await page.route('https://idp.example/sso', (route) => route.fulfill(pageThat('Who are you?')));
      await page.goto(`${server.url}/login/corp`);
      await picture(page, 'handover');
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByText('Who are you?').waitFor();
    }, 60_000);
  });
});
