import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { startChromium } from './support/chromium.js';
import { type StartedServer, startServer } from './support/started-server.js';

/** Set it to a folder to keep a picture of each page. */
const SCREENSHOTS = process.env['TEST_SCREENSHOTS'];

// Goal: a real browser, with its own rules about cookies and sites, signs in across two sites: Gatebook is `localhost`, the identity
// provider `127.0.0.1`, so the answer is posted from another site, as with a real provider.
describe('in a browser', () => {
  let server: StartedServer;
  let browser: Browser;
  beforeAll(async () => {
    [server, browser] = await Promise.all([startServer(), startChromium()]);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  const picture = async (page: Page, name: string) => {
    if (!SCREENSHOTS) return;
    mkdirSync(SCREENSHOTS, { recursive: true });
    await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
  };

  const open = async (): Promise<{ page: Page; complaints: string[] }> => {
    const page = await (await browser.newContext({ viewport: { width: 1100, height: 1000 } })).newPage();
    const complaints: string[] = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    return { page, complaints };
  };

  it('signs Ada in across two sites and shows her what she holds and why', async () => {
    const { page, complaints } = await open();
    await page.goto(server.url);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Sign in');
    await picture(page, 'login');
    await page.getByRole('link', { name: 'Continue with demo' }).click();
    expect(new URL(page.url()).hostname).toBe('127.0.0.1');
    await picture(page, 'demo-idp');
    await page.getByRole('button', { name: /Sign in as Ada/ }).click();
    await page.waitForURL(`${server.url}/me`);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Ada Lovelace');
    expect(await page.getByRole('row', { name: /CRM administrator/ }).textContent()).toContain('crm-admins');
    await picture(page, 'me');
    expect(complaints).toEqual([]);

    const cookies = await page.context().cookies();
    const session = cookies.find(({ name }) => name === '__Host-gatebook-session');
    expect(session).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Lax', domain: 'localhost' });
    expect(cookies.filter(({ name }) => name.includes('sign-in'))).toEqual([]);
  }, 60_000);

  it('lets two tabs sign in side by side', async () => {
    const { page: first } = await open();
    const second = await first.context().newPage();
    await first.goto(`${server.url}/login/demo`);
    await second.goto(`${server.url}/login/demo`);
    await first.getByRole('button', { name: /Sign in as Grace/ }).click();
    await first.waitForURL(`${server.url}/me`);
    await second.getByRole('button', { name: /Sign in as Grace/ }).click();
    await second.waitForURL(`${server.url}/me`);
    expect(await second.getByRole('heading', { level: 1 }).textContent()).toContain('Grace');
  }, 60_000);

  it('shows a stranger of another domain why not, with a code to quote', async () => {
    const { page } = await open();
    await page.goto(`${server.url}/login/demo`);
    await page.getByRole('button', { name: /Sign in as Emmy/ }).click();
    await page.getByText('foreign-domain').waitFor();
    await picture(page, 'refused');
  }, 60_000);

  it('signs out by keyboard alone', async () => {
    const { page } = await open();
    await page.goto(`${server.url}/login/demo`);
    await page.getByRole('button', { name: /Sign in as Zo/ }).click();
    await page.waitForURL(`${server.url}/me`);
    await page.getByRole('button', { name: 'Sign out' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(`${server.url}/logout`);
    await picture(page, 'signed-out');
    await page.goto(`${server.url}/me`);
    expect(new URL(page.url()).pathname).toBe('/login');
  }, 60_000);
});
