/** A reviewer in a real browser, with a keyboard and neither mouse nor scripts: from the list to a decision, several at once, and a request. */
import { mkdirSync } from 'node:fs';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { ElevationPolicy } from '#libs/contracts';
import { rolesHeld } from '#libs/domain';
import { connectionSettings } from '#libs/testing';
import { startChromium } from '../../../../test/support/chromium.js';
import { type GovernanceServer, startGovernance } from '../governance-server.fixture.js';
import { reviewPolicy } from '../governance-world.fixture.js';

/** Set it to a folder to keep a picture of each page. */
const SCREENSHOTS = process.env['TEST_SCREENSHOTS'];
/** Most presses of the tab key until something has the focus. */
const TABS_MAX = 80;

const ELEVATE: ElevationPolicy = {
  kind: 'elevation',
  roles: ['crm.writer'],
  maxDuration: 'PT4H',
  approvers: [{ kind: 'roleOwner', principal: null }],
  fallback: [],
  approvals: null,
  breakGlass: true,
  requestValidFor: 'P3D',
};

let front: Front;
let server: GovernanceServer;
let browser: Browser;
beforeAll(async () => {
  front = await startFront();
  [server, browser] = await Promise.all([
    startGovernance({ variables: { GATEBOOK_PUBLIC_URL: front.url } }),
    startChromium(),
  ]);
  front.leadTo(server.url);
  const { acme } = server;
  await acme.connect('okta', connectionSettings());
  await acme.role('prod.admin', { application: 'prod', name: 'Production administrator', privileged: true });
  await acme.policy('privileged-grants', reviewPolicy({ triggers: ['privilegedRoleGranted'] }));
  await acme.policy('elevate-crm', ELEVATE);
  await acme.person('olga');
  for (const name of ['grace', 'ida', 'alan', 'ada'])
    await acme.person(name, { department: 'Operations', title: 'Engineer' });
  for (const name of ['grace', 'ida', 'alan']) await acme.give(name, 'prod.admin');
  await server.settle();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await server?.close();
  await front?.close();
});

describe('by keyboard', () => {
  it('a reviewer opens an item, revokes with a reason, and is back at the list', async () => {
    const page = await signedIn('olga');
    await page.goto(`${front.url}/reviews`);
    await picture(page, 'reviews');
    await press(page, 'grace: Production administrator', 'Enter', '', 'link');
    await page.waitForURL(/\/reviews\/[0-9a-f-]{36}$/);
    await picture(page, 'review-item');
    await press(page, 'certify', 'ArrowDown'); // one of a group: the arrows move the choice
    await press(page, 'reason', 'type', 'left the team');
    await press(page, 'Record the decision', 'Enter');
    await page.waitForURL(/\/reviews\?decided=1/);
    expect(await page.getByRole('status').textContent()).toBe('One decision was recorded.');
    expect(await page.getByText('grace: Production administrator').count()).toBe(0);
    expect(await rolesOf('grace')).toEqual([]);
  }, 60_000);

  it('what is refused comes back with what was entered', async () => {
    const page = await signedIn('olga');
    await page.goto(`${front.url}/reviews`);
    await press(page, 'ida: Production administrator', 'Enter', '', 'link');
    await page.waitForURL(/\/reviews\/[0-9a-f-]{36}$/);
    await press(page, 'certify', 'ArrowDown');
    await press(page, 'Record the decision', 'Enter');
    await page.getByRole('alert').waitFor();
    await picture(page, 'review-item-refused');
    expect(await page.locator('input[name=decision]:checked').inputValue()).toBe('revoke');
    expect(await rolesOf('ida')).toEqual(['prod.admin']);
  }, 60_000);

  it('several are ticked and decided at once', async () => {
    const page = await signedIn('olga');
    await page.goto(`${front.url}/reviews`);
    for (const name of ['alan', 'ida']) await press(page, `${name}: Production administrator`, 'Space', '', 'checkbox');
    await press(page, 'certify', 'Space');
    await picture(page, 'reviews-ticked');
    await press(page, 'Record the decisions', 'Enter');
    await page.waitForURL(/\/reviews\?decided=2/);
    expect(await page.getByText('Nothing waits for you.').count()).toBe(1);
    await picture(page, 'reviews-done');
  }, 60_000);

  it('a role is asked for, and approved of', async () => {
    const ada = await signedIn('ada');
    await ada.goto(`${front.url}/approvals`);
    await press(ada, 'reason', 'type', 'month-end');
    await press(ada, 'Ask', 'Enter');
    await ada.waitForURL(/\/approvals\?done=asked/);
    const olga = await signedIn('olga');
    await olga.goto(`${front.url}/approvals`);
    await picture(olga, 'approvals');
    await press(olga, 'reason', 'type', 'fine');
    await press(olga, 'Approve', 'Enter');
    await olga.waitForURL(/\/approvals\?done=approve/);
    expect(await rolesOf('ada')).toEqual(['crm.writer']);
    await ada.goto(`${front.url}/approvals`);
    await picture(ada, 'approvals-own');
  }, 60_000);
});

/**
 * Moves on by the tab key to what bears the name (text, label, or name and value of a field) and is of the type, and presses a key, or types.
 * @throws {Error} when it never gets the focus, or the focus cannot be seen
 */
async function press(page: Page, name: string, key: string, text = '', type = ''): Promise<void> {
  for (let tabs = 0; tabs < TABS_MAX; tabs += 1) {
    await page.keyboard.press('Tab');
    const focused = page.locator(':focus');
    if ((await focused.count()) === 0 || !(await isCalled(focused, name, type))) continue;
    const outline = await focused.evaluate((element) => getComputedStyle(element).outlineStyle);
    if (outline === 'none') throw new Error(`The focus on ${name} cannot be seen.`);
    await (key === 'type' ? page.keyboard.type(text) : page.keyboard.press(key));
    return;
  }
  throw new Error(`The tab key never reached ${name}.`);
}

async function isCalled(focused: ReturnType<Page['locator']>, name: string, type: string): Promise<boolean> {
  const names = await focused.evaluate((element) => [
    element.textContent?.trim() ?? '',
    element.getAttribute('aria-label') ?? '',
    element.getAttribute('value') ?? '',
    element.getAttribute('name') ?? '',
    element.tagName === 'A' ? 'link' : (element.getAttribute('type') ?? ''),
  ]);
  return names.slice(0, 4).includes(name) && (type === '' || names[4] === type);
}

/** A tab of somebody who is signed in. */
async function signedIn(userName: string): Promise<Page> {
  const { cookie = '' } = await server.acme.session(userName, 'okta');
  const [name = '', value = ''] = cookie.split('=', 2);
  const context = await browser.newContext({ viewport: { width: 1100, height: 1000 }, javaScriptEnabled: false });
  await context.addCookies([{ name, value, url: front.url.replace('http:', 'https:'), secure: true, httpOnly: true }]);
  return context.newPage();
}

async function picture(page: Page, name: string): Promise<void> {
  if (!SCREENSHOTS) return;
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
}

const rolesOf = async (userName: string) =>
  rolesHeld(await server.acme.state(userName), server.clock.now().toISOString());

/** Stands before the server under an address that is known before the server starts. */
interface Front {
  readonly url: string;
  leadTo(target: string): void;
  close(): Promise<void>;
}

async function startFront(): Promise<Front> {
  let target = '';
  const front: Server = createServer((request, response) => {
    const { method, headers, url = '/' } = request;
    const onward = httpRequest(`${target}${url}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://localhost:${(front.address() as AddressInfo).port}`,
    leadTo: (to) => {
      target = to;
    },
    close: () =>
      new Promise((resolve) => {
        front.close(() => resolve());
        front.closeAllConnections();
      }),
  };
}
