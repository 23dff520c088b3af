import { call, claimsOf, crm, signInTo, startWithApplications } from './support/applications.js';
import { BrowserLess, textOf } from './support/browser-less.js';
import { type ApiRequest, api, eventually, type Installation, signIn } from './support/installation.js';
import type { TestPerson } from './support/test-idp.js';

const person = (name: string, email = `${name}@acme.example`): TestPerson => ({ nameId: `id-of-${name}`, email });

/** Another connection of acme, whose provider is the test as well. */
const connection = (id: string, domain: string, more = '') => `id: ${id}
        protocol: saml
        directory: staff
        domains: [${domain}]
        jit: { create: true, update: everySignIn, required: [email], allowedDomains: [] }
        trustEmail: true${more}
        saml:
          idpEntityId: https://idp.example/metadata
          ssoUrl: https://idp.example/sso
          certificates: [<certificate>]
        attributes: { userName: email, email: email, givenName: firstName, familyName: lastName }
        rules: [{ id: everyone, when: always, grant: [acme.only] }]`;

const CONNECTIONS = [
  connection('partner', 'acme.example'),
  connection('by-name', 'acme.example', '\n        linking: userName'),
  connection('by-mail', 'acme.example', '\n        linking: verifiedEmail'),
  connection('forum', 'forum.example'),
];
const BOTH =
  '{ clientId: both, clientSecret: the-secret-of-both-for-tests, redirectUris: ["https://both.acme.example/callback"], rolesOf: crm, connections: [corp, partner], admitWithoutRole: true }';
const both = {
  clientId: 'both',
  secret: 'the-secret-of-both-for-tests',
  redirectUri: 'https://both.acme.example/callback',
};

// Goal: identities are joined to accounts only by whoever may, and what an administrator separates or merges holds at once, everywhere.
describe('identities of accounts', () => {
  let installation: Installation;
  beforeAll(async () => {
    installation = await startWithApplications(null, [BOTH], CONNECTIONS);
  }, 60_000);
  afterAll(() => installation?.server.stop());

  const at = (id: string, verb: string, body: object, request: ApiRequest & { query?: string } = {}) =>
    api(installation.server, `/api/v1/accounts/${id}/${verb}?tenant=acme${request.query ?? ''}`, {
      method: 'POST',
      body: { reason: 'test', ...body },
      ...request,
    });
  const accountOf = async (email: string) => {
    const path = `/api/v1/accounts?tenant=acme&email=${encodeURIComponent(email)}`;
    const { body } = await eventually(
      () => api(installation.server, path),
      (answer) => answer.body.items?.length === 1,
    );
    return body.items[0].id as string;
  };
  const shown = async (id: string, token: string) =>
    (await api(installation.server, `/api/v1/accounts/${id}?minPosition=${token}`)).body;
  const come = async (who: TestPerson, through = 'corp', browser = new BrowserLess()) => {
    const answer = await signIn(browser, installation, who, {}, through);
    const page = answer.status === 303 ? '' : await answer.text();
    return { status: answer.status, code: /<code>([a-z-]+)<\/code>/.exec(page)?.[1] ?? null, browser };
  };
  /** Signs in as soon as the server has read what was recorded a moment ago. */
  const comeOnceKnown = async (who: TestPerson, through: string) => {
    const browser = new BrowserLess();
    const attempt = async () => ({ ...(await come(who, through, browser)), headers: new Headers(), body: null });
    await eventually(attempt, ({ status }) => status === 303);
    return { browser };
  };
  const me = async (browser: BrowserLess) => {
    const answer = await browser.go(`${installation.server.url}/me`);
    return answer.status === 200 ? textOf(await answer.text()) : null;
  };

  describe('a subject that an administrator unlinks', () => {
    const ada = person('ada');
    let account: string;
    let partnersBrowser: BrowserLess;

    beforeAll(async () => {
      await come(ada);
      account = await accountOf(ada.email);
      const linked = await at(account, 'links', { connection: 'partner', subject: 'ada-at-partner' });
      expect(linked.status).toBe(201);
      const came = await come({ ...ada, nameId: 'ada-at-partner' }, 'partner');
      expect([came.status, await me(came.browser)]).toEqual([303, expect.stringContaining('Only here')]);
      partnersBrowser = came.browser;
    });

    it('takes sessions, tokens and what its connection gave with it, before the answer', async () => {
      const tokens = await signInTo(both, installation, ada, { browser: partnersBrowser });
      const inspect = () =>
        call(`${installation.server.url}/op/token/introspection`, both, { token: tokens.access_token });
      expect((await inspect()).body).toMatchObject({ active: true, sub: account });

      const unlinked = await at(account, 'unlink', { connection: 'partner', subject: 'ada-at-partner' });

      expect(unlinked).toMatchObject({ status: 200, body: { id: account, status: 'active' } });
      expect(await me(partnersBrowser)).toBeNull();
      expect((await inspect()).body).toEqual({ active: false });
      const after = await shown(account, unlinked.body.positionToken);
      expect([after.roles, after.links]).toEqual([['crm.reader'], [{ connection: 'corp', subject: ada.nameId }]]);
    });

    it('does not sign in any more, while the other one of the person does', async () => {
      const refused = await come({ ...ada, nameId: 'ada-at-partner' }, 'partner');
      expect([refused.status, refused.code]).toEqual([403, 'account-exists-unlinked']);
      const came = await come(ada);
      expect([came.status, await me(came.browser)]).toEqual([303, expect.stringContaining('CRM reader')]);
    });

    it('must be linked', async () => {
      const answer = await at(account, 'unlink', { connection: 'partner', subject: 'ada-at-partner' });
      expect([answer.status, answer.body.code]).toEqual([404, 'not-linked']);
    });
  });

  describe('two accounts of one person, merged', () => {
    const bea = person('bea');
    const again = person('bea-again');
    let [account, other]: string[] = [];
    let othersBrowser: BrowserLess;

    beforeAll(async () => {
      await come(bea);
      othersBrowser = (await come(again, 'partner')).browser;
      [account, other] = [await accountOf(bea.email), await accountOf(again.email)];
    });

    it('are one for both identities, and for applications the one that goes on', async () => {
      const before = claimsOf((await signInTo(crm, installation, bea)).id_token);
      expect([before['sub'], await me(othersBrowser)]).toEqual([account, expect.any(String)]);

      const merged = await at(account ?? '', 'merge', { from: other });

      expect(merged).toMatchObject({ status: 200, body: { account, from: other, dryRun: false } });
      expect(merged.body.links).toEqual([{ connection: 'partner', subject: again.nameId }]);
      expect(await me(othersBrowser)).toBeNull();
      expect(await shown(other ?? '', merged.body.positionToken)).toMatchObject({ status: 'deactivated', links: [] });

      const { browser } = await come(bea);
      const first = claimsOf((await signInTo(both, installation, bea, { browser })).id_token);
      const { browser: partners } = await comeOnceKnown(again, 'partner');
      const second = claimsOf((await signInTo(both, installation, again, { browser: partners })).id_token);
      expect([first['sub'], second['sub']]).toEqual([account, account]);
      expect(await me(partners)).toContain('Only here');
    });

    it('stay merged: nothing brings the one that ended back', async () => {
      const reactivated = await at(other ?? '', 'reactivate', {});
      expect([reactivated.status, reactivated.body.code]).toEqual([409, 'account-merged-into-another']);
      const linked = await at(other ?? '', 'links', { connection: 'by-name', subject: 'x' });
      expect([linked.status, linked.body.code]).toEqual([409, 'account-merged-into-another']);
      const wrongWay = await at(other ?? '', 'merge', { from: account });
      expect([wrongWay.status, wrongWay.body.code]).toEqual([409, 'account-merged-into-another']);
    });
  });

  // each case beside its honest twin, which is let in
  describe('somebody who comes after an account was made in their name by a stranger', () => {
    const carl = person('carl');

    it('is led into it by no connection', async () => {
      const mallory = await come({ ...carl, nameId: 'mallory' }, 'forum');
      expect(mallory.status).toBe(303);
      for (const through of ['corp', 'partner', 'by-name', 'by-mail']) {
        const { status, code } = await come(carl, through);
        expect([through, status, code]).toEqual([through, 403, 'account-exists-unlinked']);
      }
      const waiting = new Set(['corp', 'partner', 'by-name', 'by-mail']);
      const account = await accountOf(carl.email);
      await eventually(
        () => api(installation.server, '/api/v1/link-proposals?tenant=acme'),
        ({ body }) => {
          for (const one of body.items ?? []) if (one.account === account) waiting.delete(one.connection);
          return waiting.size === 0;
        },
      );
    });

    it('is led into one that an administrator made, by the name', async () => {
      const dora = person('dora');
      const body = { tenant: 'acme', directory: 'staff', userName: dora.email, reason: 'joins' };
      const made = await api(installation.server, '/api/v1/accounts', { method: 'POST', body });
      const came = await come(dora, 'by-name');
      expect([came.status, await accountOf(dora.email)]).toEqual([303, made.body.id]);
    });

    it('is led into one whose address the company verified, by the address', async () => {
      const emil = person('emil');
      await come(emil);
      const account = await accountOf(emil.email);
      await comeOnceKnown({ ...emil, nameId: 'emil-2' }, 'by-mail');
      expect(await accountOf(emil.email)).toBe(account);
    });
  });
});
