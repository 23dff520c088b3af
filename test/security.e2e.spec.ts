import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { buildSamlResponse, createIdentityProviderKey, encodeSamlResponse } from '#libs/saml-idp';
import { BrowserLess, textOf } from './support/browser-less.js';
import { startChromium } from './support/chromium.js';
import { answerFor, api, eventually, type Installation, wholeLog } from './support/installation.js';
import { dataFolder, freePort, startServer } from './support/started-server.js';
import { honest } from './support/test-idp.js';

const FROM_IDP = 'https://idp.example/sso';

/** Connections of one directory that differ in whom they may speak for. */
const CONNECTIONS = {
  corp: `domains: [acme.example]
        jit: { create: true, required: [email] }
        attributes: { userName: email, email: email, externalId: hrId }
        rules:
          - { id: everyone, when: always, grant: [crm.reader] }
          - { id: auditors, when: { group: auditors }, grant: [gatebook.auditor] }
          - { id: owners, when: { group: owners }, grant: [gatebook.admin] }`,
  partner: `domains: [partner.example]
        jit: { create: true, required: [email] }
        linking: userName
        attributes: { userName: login, email: email }`,
  payroll: `domains: [partner.example]
        linking: externalId
        attributes: { userName: login, email: email, externalId: hrId }`,
  badge: `domains: [acme.example]
        jit: { create: true, required: [email] }
        linking: verifiedEmail
        subject: { attribute: badge, caseInsensitive: true }
        attributes: { userName: email, email: email }`,
  portal: `domains: [acme.example]
        jit: { create: true, required: [email] }
        attributes: { userName: email, email: email }`,
} as const;

type Connection = keyof typeof CONNECTIONS;

function configurationOf(certificatePem: string): string {
  const connections = Object.entries(CONNECTIONS).map(
    ([id, settings]) => `
      - id: ${id}
        protocol: saml
        directory: staff
        trustEmail: true
        saml:
          idpEntityId: https://idp.example/metadata
          ssoUrl: ${FROM_IDP}
          certificates: [${JSON.stringify(certificatePem)}]
          allowIdpInitiated: ${id === 'portal'}
        ${settings}`,
  );
  return `apiVersion: gatebook/v1
tenants:
  - id: acme
    directories: [{ id: staff }]
    roles: [{ id: crm.reader, application: crm, name: CRM reader }]
    connections:${connections.join('')}
  - id: globex
    directories: [{ id: staff }]
`;
}

async function startOwnInstallation(): Promise<Installation> {
  const key = await createIdentityProviderKey({ commonName: 'test identity provider', now: new Date() });
  const dataDir = dataFolder();
  const configuration = join(dataDir, 'gatebook.yaml');
  writeFileSync(configuration, configurationOf(key.certificatePem));
  const server = await startServer({ dataDir, port: await freePort(), env: { GATEBOOK_CONFIG: configuration } });
  return { server, key, configuration, restart: () => Promise.reject(new Error('not needed here')) };
}

const codeOf = async (answer: Response): Promise<string> =>
  /<code>([a-z0-9-]+)<\/code>/.exec(await answer.text())?.[1] ?? '';

// Goal: nobody gets in as somebody else, gives away more than they have, keeps what was taken, or fills the log.
// Method: the identity providers are honest about signatures and dishonest about people; administrators are careless.
describe('an attacker', () => {
  let installation: Installation;
  beforeAll(async () => {
    installation = await startOwnInstallation();
  }, 90_000);
  afterAll(() => installation?.server.stop());

  /** Posts an answer of the connection's provider, which says what it likes about the person. */
  const arrive = async (
    connection: Connection,
    nameId: string,
    claims: Readonly<Record<string, readonly string[]>>,
    browser = new BrowserLess(),
  ) => {
    const attributes = Object.entries(claims).map(([name, values]) => ({ name, values }));
    const person = { nameId, email: '' };
    const { acsUrl, fields } = await answerFor(browser, installation, person, { attributes }, connection);
    const again = () => browser.submit(acsUrl, fields, FROM_IDP);
    return { browser, again, answer: await again() };
  };

  const outcomeOf = async ({ answer }: { answer: Response }) =>
    answer.status === 303 ? 'signed in' : `${answer.status} ${await codeOf(answer)}`;

  const post = (path: string, body: object, more: { key?: string; idempotencyKey?: string } = {}) =>
    api(installation.server, path, { method: 'POST', body: { reason: 'test', ...body }, ...more });

  const accountOf = async (userName: string): Promise<string> => {
    const { body } = await eventually(
      () => api(installation.server, `/api/v1/accounts?tenant=acme&userName=${userName}`),
      (answer) => answer.body.items.length === 1,
    );
    return body.items[0].id;
  };

  const keyWith = async (scopes: readonly string[], tenant = 'acme'): Promise<{ id: string; secret: string }> =>
    (await post('/api/v1/keys', { name: 'test', tenant, scopes, expiresAt: '2099-01-01T00:00:00Z' })).body;

  /** Refusals of this code, once the audit log shows everything that was appended so far. */
  const refusals = async (code: string) => {
    const body = { name: 'barrier', tenant: 'acme', scopes: ['audit:read'], expiresAt: '2099-01-01T00:00:00Z' };
    const { positionToken } = (await post('/api/v1/keys', body)).body;
    await api(installation.server, `/api/v1/events?minPosition=${positionToken}`);
    const log = await wholeLog(installation.server);
    return log.filter(({ type, data }) => type === 'SignInRefused' && data.code === code);
  };

  /** An answer of the portal's provider that nobody asked for. */
  const unasked = (nameId: string) => {
    const { server, key } = installation;
    const person = { nameId, email: `${nameId}@acme.example` };
    const spec = { ...honest(server.url, 'portal', person, key), requestId: undefined, sign: 'both' as const };
    return { acsUrl: spec.acsUrl, SAMLResponse: encodeSamlResponse(buildSamlResponse(spec)) };
  };

  describe('at another identity provider of the same directory', () => {
    beforeAll(async () => {
      const ada = { email: ['ada@acme.example'], hrId: ['hr-1'], groups: ['owners'] };
      expect(await outcomeOf(await arrive('corp', 'ada', ada))).toBe('signed in');
    });

    it('does not become a person of another domain by stating their user name', async () => {
      const eve = { email: ['eve@partner.example'], login: ['ada@acme.example'] };
      expect(await outcomeOf(await arrive('partner', 'eve', eve))).toBe('403 account-exists-unlinked');
    });

    it('does not become a person of another domain by stating their external id', async () => {
      const eve = { email: ['eve@partner.example'], login: ['eve'], hrId: ['hr-1'] };
      expect(await outcomeOf(await arrive('payroll', 'eve', eve))).toBe('403 account-exists-unlinked');
    });

    it('does not come in with an answer that is meant for another connection', async () => {
      const browser = new BrowserLess();
      const person = { nameId: 'ada', email: 'ada@acme.example' };
      const { fields } = await answerFor(browser, installation, person, {}, 'corp');
      const answer = await browser.submit(`${installation.server.url}/saml/portal/acs`, fields, FROM_IDP);
      expect([answer.status, await codeOf(answer)]).toEqual([400, 'wrong-destination']);
    });

    it('still lets people of its own domain be linked by user name', async () => {
      const body = { tenant: 'acme', directory: 'staff', userName: 'pat@partner.example' };
      expect((await post('/api/v1/accounts', body)).status).toBe(201);
      const pat = { email: ['pat@partner.example'], login: ['PAT@partner.example'] };
      expect(await outcomeOf(await arrive('partner', 'pat', pat))).toBe('signed in');
    });
  });

  describe('with a name that looks like another', () => {
    it('is not taken for a subject by a character that merely folds to its letters', async () => {
      await arrive('badge', 'x', { badge: ['MIKE'], email: ['mike@acme.example'] });
      const mike = await accountOf('mike@acme.example');
      await arrive('badge', 'y', { badge: ['mi\u212Ae'], email: ['kelvin@acme.example'] });
      expect(await accountOf('kelvin@acme.example')).not.toBe(mike);
    });

    it('is refused, and on record, when the name is one of the marks for absent data', async () => {
      const answer = await arrive('corp', '[erased]', { email: ['mark@acme.example'] });
      expect(await outcomeOf(answer)).toBe('400 identity-value-invalid');
      expect(await refusals('identity-value-invalid')).toHaveLength(1);
    });

    it('finds that a link by hand means the subject as the connection compares it', async () => {
      const links = [{ connection: 'badge', subject: ' N-100 ' }];
      await post('/api/v1/accounts', { tenant: 'acme', directory: 'staff', userName: 'nora@acme.example', links });
      const nora = { badge: ['n-100'], email: ['nora@acme.example'] };
      expect(await outcomeOf(await arrive('badge', 'x', nora))).toBe('signed in');
    });
  });

  it('gains nothing from an administrator who uses an idempotency key twice', async () => {
    await arrive('corp', 'vera', { email: ['vera@acme.example'] });
    const path = `/api/v1/accounts/${await accountOf('vera@acme.example')}/links?tenant=acme`;
    const linked = await post(path, { connection: 'badge', subject: 'v-1' }, { idempotencyKey: 'twice' });
    const misused = await post(path, { connection: 'badge', subject: 'mallory' }, { idempotencyKey: 'twice' });
    expect([linked.status, misused.body.code]).toEqual([201, 'idempotency-key-reused']);
    await arrive('badge', 'x', { badge: ['mallory'], email: ['mallory@acme.example'] });
    expect(await accountOf('mallory@acme.example')).not.toBe(await accountOf('vera@acme.example'));
  });

  describe('who repeats themselves', () => {
    it('does not fill the log with one good assertion', async () => {
      const { acsUrl, SAMLResponse } = unasked('rita');
      const use = () => new BrowserLess().submit(acsUrl, { SAMLResponse }, FROM_IDP);
      expect((await use()).status).toBe(303);
      for (let request = 0; request < 40; request += 1) expect((await use()).status).toBe(403);
      const listed = await refusals('assertion-replayed');
      expect(listed.length).toBeGreaterThanOrEqual(10);
      // a minute may turn over once in between
      expect(listed.length).toBeLessThanOrEqual(22);
      expect(listed[0]?.data).toMatchObject({ verified: true, count: 1 });
    });

    it('does not fill the log with one assertion that is not admitted', async () => {
      const { again } = await arrive('corp', 'emmy', { email: ['emmy@elsewhere.example'] });
      for (let request = 0; request < 40; request += 1) expect((await again()).status).toBe(403);
      const listed = await refusals('foreign-domain');
      expect(listed.length).toBeGreaterThanOrEqual(10);
      expect(listed.length).toBeLessThanOrEqual(22);
    });

    it('is on record also with answers that nobody reads', async () => {
      const { url } = installation.server;
      const large = { SAMLResponse: 'a'.repeat(1_000_000) };
      const answer = await new BrowserLess().submit(`${url}/saml/corp/acs`, large, FROM_IDP);
      expect(answer.status).toBe(413);
      expect((await refusals('body-too-large'))[0]?.data).toMatchObject({ connection: 'corp', verified: false });
    });

    it('does not make a browser collect cookies until its requests are too large', async () => {
      const browser = new BrowserLess();
      for (let begun = 0; begun < 30; begun += 1) await browser.go(`${installation.server.url}/login/corp`);
      expect(browser.cookieNames(installation.server.url).length).toBeLessThanOrEqual(16);
      const latest = await arrive('corp', 'tabby', { email: ['tabby@acme.example'] }, browser);
      expect(await outcomeOf(latest)).toBe('signed in');
    });
  });

  describe('with a key of few scopes', () => {
    it('does not make an administrator: not by a role, not by a way into an administrator’s account', async () => {
      const { secret: key } = await keyWith(['accounts:write']);
      const body = { directory: 'staff', userName: 'puppet@acme.example' };
      const { id } = (await post('/api/v1/accounts', body, { key })).body;
      const role = await post(`/api/v1/accounts/${id}/grants`, { role: 'gatebook.admin' }, { key });
      expect([role.status, role.body.code]).toEqual([403, 'scope-exceeded']);
      const ada = await accountOf('ada@acme.example');
      const link = await post(`/api/v1/accounts/${ada}/links`, { connection: 'corp', subject: 'puppet' }, { key });
      expect([link.status, link.body.code]).toEqual([403, 'scope-exceeded']);
      expect((await post(`/api/v1/accounts/${id}/grants`, { role: 'crm.reader' }, { key })).status).toBe(201);
    });

    it('of another tenant cannot tell a key that exists from one that does not', async () => {
      const { id } = await keyWith(['audit:read']);
      const { secret: key } = await keyWith(['admin'], 'globex');
      const [there, nowhere] = await Promise.all(
        [id, '00000000-0000-4000-8000-000000000000'].map((each) =>
          api(installation.server, `/api/v1/keys/${each}`, { key }),
        ),
      );
      const told = (answer = there) => ({ status: answer?.status, ...answer?.body, requestId: null });
      expect(told(there)).toEqual(told(nowhere));
    });
  });

  it('or anybody else gets no secret that opens nothing, also when a request arrives many times at once', async () => {
    const body = { name: 'race', tenant: 'acme', scopes: ['audit:read'], expiresAt: '2099-01-01T00:00:00Z' };
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => post('/api/v1/keys', body, { idempotencyKey: 'race' })),
    );
    const secrets = answers.flatMap((answer) => answer.body.secret ?? []);
    expect(secrets).toHaveLength(1);
    expect((await api(installation.server, '/api/v1/accounts', { key: secrets[0] })).status).toBe(200);
  });

  describe('whose time is over', () => {
    it('has no session beyond the end of the account', async () => {
      const ends = new Date(Date.now() + 4_000); // until then two requests are answered, on a loaded machine, too
      const links = [{ connection: 'corp', subject: 'temp' }];
      const body = { tenant: 'acme', directory: 'staff', userName: 'temp@acme.example', links };
      await post('/api/v1/accounts', { ...body, expiresAt: ends.toISOString() });
      const { browser } = await arrive('corp', 'temp', { email: ['temp@acme.example'], groups: ['auditors'] });
      const me = async () => (await browser.go(`${installation.server.url}/me`)).status;
      expect(await me()).toBe(200);
      while (new Date() <= ends) await new Promise((next) => setTimeout(next, 50));
      expect(await me()).toBe(302);
    });

    it('keeps no session that began while the account was being deactivated', async () => {
      await arrive('corp', 'race', { email: ['race@acme.example'] });
      const account = await accountOf('race@acme.example');
      const browsers = Array.from({ length: 24 }, () => new BrowserLess());
      const arriving = browsers.map((browser) => arrive('corp', 'race', { email: ['race@acme.example'] }, browser));
      const [off] = await Promise.all([post(`/api/v1/accounts/${account}/deactivate?tenant=acme`, {}), ...arriving]);
      expect(off.status).toBe(200);
      const me = await Promise.all(browsers.map((browser) => browser.go(`${installation.server.url}/me`)));
      expect(me.map(({ status }) => status)).toEqual(browsers.map(() => 302));
    });

    it('loses a right in Gatebook in every browser with the sign-in that takes it', async () => {
      const email = ['sue@acme.example'];
      const { browser: elsewhere } = await arrive('corp', 'sue', { email, groups: ['auditors'] });
      const list = async (browser: BrowserLess) =>
        (await browser.go(`${installation.server.url}/api/v1/accounts`)).status;
      expect(await list(elsewhere)).toBe(200);
      const { browser: here } = await arrive('corp', 'sue', { email, groups: [] });
      expect([await list(elsewhere), await list(here)]).toEqual([401, 403]);
    });
  });

  // Cookies of a real browser: the answer comes from another site, where a Lax cookie is not sent.
  describe('on a page of another site', () => {
    let chromium: Browser;
    let site: Server;
    beforeAll(async () => {
      chromium = await startChromium();
    }, 120_000);
    afterAll(async () => {
      await chromium?.close();
      site?.close();
    });

    /** Serves a page that posts an answer by itself; its address is of another site than Gatebook's. */
    const pageThatPosts = async ({ acsUrl, SAMLResponse }: ReturnType<typeof unasked>): Promise<string> => {
      site?.close();
      const page = `<form method="post" action="${acsUrl}"><input name="SAMLResponse" value="${SAMLResponse}"></form><script>document.forms[0].submit()</script>`;
      site = createServer((_request, response) => response.setHeader('content-type', 'text/html').end(page));
      await new Promise<void>((done) => site.listen(0, '127.0.0.1', done));
      return `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;
    };

    it('does not replace somebody’s session by their own, and is on record with the account', async () => {
      const page = await (await chromium.newContext()).newPage();
      await page.goto(await pageThatPosts(unasked('victim')));
      await page.waitForURL(`${installation.server.url}/me`);
      await page.goto(await pageThatPosts(unasked('intruder')));
      await page.getByText('session-of-another-account').waitFor();
      await page.goto(`${installation.server.url}/me`);
      expect(textOf(await page.content())).toContain('victim@acme.example');
      const [refused] = await refusals('session-of-another-account');
      expect(refused?.data).toMatchObject({ connection: 'portal', verified: true });
      expect(refused?.data.account).toBe(await accountOf('intruder@acme.example'));
    }, 60_000);

    it('cannot keep the former session of a person who signs in again', async () => {
      const context = await chromium.newContext();
      const page = await context.newPage();
      await page.goto(await pageThatPosts(unasked('twice')));
      await page.waitForURL(`${installation.server.url}/me`);
      const former = (await context.cookies()).find(({ name }) => name === '__Host-gatebook-session');
      await page.goto(await pageThatPosts(unasked('twice')));
      await page.waitForURL(`${installation.server.url}/me`);
      const headers = { cookie: `__Host-gatebook-session=${former?.value}` };
      const stolen = await fetch(`${installation.server.url}/me`, { headers, redirect: 'manual' });
      expect(stolen.status).toBe(302);
    }, 60_000);
  });
});
