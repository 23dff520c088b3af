import { randomUUID } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import {
  buildLogoutRequest,
  buildLogoutResponse,
  buildSamlResponse,
  createIdentityProviderKey,
  encodeSamlResponse,
  type IdentityProviderKey,
  type LogoutRequestSpec,
  readAuthnRequest,
  readLogoutMessage,
  signedQuery,
} from '#libs/saml-idp';
import { BrowserLess, formAction, hiddenFields, textOf } from './support/browser-less.js';
import { startChromium } from './support/chromium.js';
import {
  accountOf,
  honestRequest,
  IDP,
  leadsTo,
  pressSignOut,
  recorded,
  type SignOutInstallation,
  signedIn,
  signInAt,
  signInBySaml,
  startSignOutInstallation,
} from './support/sign-out-installation.js';
import { honest } from './support/test-idp.js';

const person = (name: string) => ({ nameId: `id-of-${name}`, email: `${name}@acme.example` });
const atProvider = (name: string, sid: string) => ({
  sub: `sub-of-${name}`,
  sid,
  email: `${name}@acme.example`,
  preferred_username: name,
  name,
});
/** A page that posts a form by itself. */
const selfSending = (action: string, fields: Readonly<Record<string, string>>) =>
  `<form method="post" action="${action}">${Object.entries(fields)
    .map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`)
    .join('')}</form><script>document.forms[0].submit()</script>`;
const codeOf = async (answer: Response): Promise<string> =>
  /<code>([a-z-]+)<\/code>/.exec(await answer.text())?.[1] ?? '';

// Goal: signing out ends exactly the sessions that are meant, on both sides, whoever begins it; and nobody else can end any.
describe('signing out', () => {
  let installation: SignOutInstallation;
  let url: string;
  beforeAll(async () => {
    installation = await startSignOutInstallation();
    url = installation.server.url;
  }, 60_000);
  afterAll(() => installation?.stop());

  /** What a provider sends by an address. */
  const sloUrl = (
    field: 'SAMLRequest' | 'SAMLResponse',
    xml: string,
    { key = installation.key, relayState = undefined as string | undefined, connection = 'corp' } = {},
  ) => `${url}/saml/${connection}/slo?${signedQuery({ field, xml, relayState, key })}`;
  const asks = (spec: LogoutRequestSpec, key?: IdentityProviderKey) =>
    sloUrl('SAMLRequest', buildLogoutRequest(spec, 'none'), key ? { key } : {});

  describe('at a SAML identity provider', () => {
    it('ends the session that is named, answers, and writes down both', async () => {
      const [left, stays] = [new BrowserLess(), new BrowserLess()];
      await signInBySaml(left, installation, person('ada'), 'ada-1');
      await signInBySaml(stays, installation, person('ada'), 'ada-2');
      const asked = honestRequest(installation, 'id-of-ada', ['ada-1']);
      const xml = buildLogoutRequest(asked, 'none');
      const answer = await new BrowserLess().go(sloUrl('SAMLRequest', xml, { relayState: 'theirs' }));
      const back = new URL(answer.headers.get('location') ?? '');
      expect([answer.status, back.origin + back.pathname]).toEqual([303, installation.idp.slo]);
      expect([...back.searchParams.keys()]).toEqual(['SAMLResponse', 'RelayState', 'SigAlg', 'Signature']);
      expect(back.searchParams.get('RelayState')).toBe('theirs');
      const said = readLogoutMessage(back.searchParams.get('SAMLResponse') ?? '', 'redirect');
      expect(said).toMatchObject({ kind: 'response', inResponseTo: asked.id, destination: installation.idp.slo });
      expect(said.statusCodes).toEqual(['urn:oasis:names:tc:SAML:2.0:status:Success']);
      expect(await signedIn(installation.server, left, stays)).toEqual([false, true]);

      const account = await accountOf(installation.server, 'ada@acme.example');
      const [signal] = await recorded(installation.server, 'SignalReceived', ({ data }) => data.signalId === asked.id);
      const about = { connection: 'corp', kind: 'saml-logout', issuer: IDP, account, sessionIndex: 'ada-1' };
      expect(signal?.data).toMatchObject({ ...about, keySha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
      const [ended] = await recorded(installation.server, 'SessionsEnded', ({ data }) => data.signal === signal?.id);
      expect(ended?.data).toMatchObject({ account, connection: 'corp', sessions: 1 });
      expect(ended?.data.sinceReceivedMs).toBeLessThan(5_000);
    });

    it('ends all sessions of the person when none is named, of this connection and of nobody else', async () => {
      const [one, two, elsewhere, other] = Array.from({ length: 4 }, () => new BrowserLess()) as [
        BrowserLess,
        BrowserLess,
        BrowserLess,
        BrowserLess,
      ];
      await signInBySaml(one, installation, person('bea'), 'bea-1');
      await signInBySaml(two, installation, person('bea'), 'bea-2');
      await signInAt(elsewhere, installation, atProvider('bodil', 'bodil-1'));
      await signInBySaml(other, installation, person('carl'), 'bea-1');
      const answer = await fetch(asks(honestRequest(installation, 'id-of-bea', [])), { redirect: 'manual' });
      expect(answer.status).toBe(303);
      expect(await signedIn(installation.server, one, two, elsewhere, other)).toEqual([false, false, true, true]);
    });

    it('succeeds for somebody who is not known here, and for sessions that are over', async () => {
      for (const [nameId, indexes] of [
        ['nobody', []],
        ['id-of-ada', ['long-gone']],
      ] as const) {
        const answer = await fetch(asks(honestRequest(installation, nameId, indexes)), { redirect: 'manual' });
        const back = new URL(answer.headers.get('location') ?? '');
        const { statusCodes } = readLogoutMessage(back.searchParams.get('SAMLResponse') ?? '', 'redirect');
        expect(statusCodes).toEqual(['urn:oasis:names:tc:SAML:2.0:status:Success']);
      }
    });

    it('works by forms, both ways', async () => {
      const browser = new BrowserLess();
      await signInBySaml(browser, installation, person('dora'), 'dora-1', 'corp-post');
      const xml = buildLogoutRequest(honestRequest(installation, 'id-of-dora', ['dora-1'], 'corp-post'), 'inside');
      const fields = { SAMLRequest: Buffer.from(xml).toString('base64'), RelayState: 'theirs' };
      const answer = await browser.submit(`${url}/saml/corp-post/slo`, fields, installation.idp.slo);
      const page = await answer.text();
      expect([answer.status, formAction(page)]).toEqual([200, installation.idp.slo]);
      const { SAMLResponse = '', RelayState } = hiddenFields(page);
      expect(readLogoutMessage(SAMLResponse, 'post').statusCodes).toHaveLength(1);
      expect(Buffer.from(SAMLResponse, 'base64').toString()).toContain('SignatureValue');
      expect(RelayState).toBe('theirs');
      expect(await signedIn(installation.server, browser)).toEqual([false]);
    });

    describe('cannot be pretended', () => {
      let stays: BrowserLess;
      let stranger: IdentityProviderKey;
      beforeAll(async () => {
        stays = new BrowserLess();
        stranger = await createIdentityProviderKey({ commonName: 'stranger', now: new Date() });
        await signInBySaml(stays, installation, person('eve'), 'eve-1');
      });
      afterEach(async () => expect(await signedIn(installation.server, stays)).toEqual([true]));

      const request = (over: Partial<LogoutRequestSpec> = {}) => ({
        ...honestRequest(installation, 'id-of-eve', []),
        ...over,
      });
      const refused = async (address: string, code: string, status = 400) => {
        const answer = await fetch(address, { redirect: 'manual' });
        expect([answer.status, await codeOf(answer)]).toEqual([status, code]);
      };

      it('without a signature', async () => {
        const packed = deflateRawSync(buildLogoutRequest(request(), 'none')).toString('base64');
        await refused(`${url}/saml/corp/slo?SAMLRequest=${encodeURIComponent(packed)}`, 'invalid-signature');
        const answer = await new BrowserLess().submit(`${url}/saml/corp/slo`, {
          SAMLRequest: Buffer.from(buildLogoutRequest(request(), 'none')).toString('base64'),
        });
        expect([answer.status, await codeOf(answer)]).toEqual([400, 'invalid-signature']);
      });

      it('by another key, or for another person than the signed one', async () => {
        await refused(asks(request({ key: stranger }), stranger), 'invalid-signature');
        const signed = new URL(asks(honestRequest(installation, 'nobody', [])));
        const forged = buildLogoutRequest(request(), 'none');
        signed.searchParams.set('SAMLRequest', deflateRawSync(forged).toString('base64'));
        await refused(signed.href, 'invalid-signature');
      });

      it.each<[string, Partial<LogoutRequestSpec>, string]>([
        ['in the name of another issuer', { idpEntityId: 'https://evil.example' }, 'wrong-issuer'],
        ['by a message for another address', { destination: 'https://other.example/slo' }, 'wrong-destination'],
        ['by an old message', { now: new Date(Date.now() - 3_600_000) }, 'expired'],
        ['by one of tomorrow', { now: new Date(Date.now() + 86_400_000) }, 'not-yet-valid'],
        ['by one that has ended', { notOnOrAfter: new Date(Date.now() - 600_000) }, 'expired'],
      ])('%s', async (_how, over, code) => refused(asks(request(over)), code));

      it('by a message for another connection of the same provider', async () => {
        const spec = honestRequest(installation, 'id-of-eve', [], 'corp-post');
        await refused(asks(spec), 'wrong-destination');
      });

      it('with weak algorithms', async () => {
        const weak = signedQuery({
          field: 'SAMLRequest',
          xml: buildLogoutRequest(request(), 'none'),
          key: installation.key,
          algorithm: 'sha1',
        });
        await refused(`${url}/saml/corp/slo?${weak}`, 'unsupported-algorithm');
      });

      it('with what is no message, twice the same, or a bomb', async () => {
        await refused(`${url}/saml/corp/slo`, 'malformed-response');
        await refused(`${asks(request())}&SAMLRequest=x`, 'hostile-xml');
        const bomb = `<x>${' '.repeat(5_000_000)}</x>`;
        await refused(sloUrl('SAMLRequest', bomb), 'too-large', 413);
      });

      it('where the connection has no single logout, or there is no connection', async () => {
        await refused(
          sloUrl('SAMLRequest', buildLogoutRequest(request(), 'none'), { connection: 'corp-local' }),
          'no-single-logout',
          404,
        );
        await refused(`${url}/saml/nowhere/slo?SAMLRequest=x`, 'unknown-connection', 404);
        await refused(`${url}/saml/corp-oidc/slo?SAMLRequest=x`, 'unknown-connection', 404);
      });

      it('and every attempt is written down (control: an honest message does end the session)', async () => {
        const codes = await recorded(installation.server, 'SignInRefused', ({ data }) => data.connection === 'corp');
        expect(codes.map(({ data }) => data.code)).toEqual(
          expect.arrayContaining(['invalid-signature', 'wrong-issuer']),
        );
        const control = new BrowserLess();
        await signInBySaml(control, installation, person('control'), 'control-1');
        await fetch(asks(honestRequest(installation, 'id-of-control', [])), { redirect: 'manual' });
        expect(await signedIn(installation.server, control)).toEqual([false]);
      });
    });

    it('works once: the same message does not end what began after it', async () => {
      const [before, after] = [new BrowserLess(), new BrowserLess()];
      await signInBySaml(before, installation, person('finn'), 'finn-1');
      const asked = asks(honestRequest(installation, 'id-of-finn', []));
      expect((await fetch(asked, { redirect: 'manual' })).status).toBe(303);
      await signInBySaml(after, installation, person('finn'), 'finn-2');
      const again = await fetch(asked, { redirect: 'manual' });
      expect([again.status, await codeOf(again)]).toEqual([400, 'logout-replayed']);
      expect(await signedIn(installation.server, before, after)).toEqual([false, true]);
    });
  });

  describe('here, by a SAML connection', () => {
    it('ends the session first, then asks the provider for the same session, and believes its answer', async () => {
      const browser = new BrowserLess();
      await signInBySaml(browser, installation, person('gus'), 'gus-1');
      const left = await pressSignOut(browser, installation.server);
      expect(await signedIn(installation.server, browser)).toEqual([false]);
      const asked = new URL(leadsTo(await left.text()));
      expect([left.status, asked.origin + asked.pathname]).toEqual([200, installation.idp.slo]);
      expect(asked.searchParams.has('Signature')).toBe(true);
      const request = readLogoutMessage(asked.searchParams.get('SAMLRequest') ?? '', 'redirect');
      expect(request).toMatchObject({
        nameId: 'id-of-gus',
        sessionIndexes: ['gus-1'],
        issuer: `${url}/saml/corp/metadata`,
      });

      const answered = await browser.go(sloUrl('SAMLResponse', answerTo(request.id)));
      const page = await browser.go(new URL(answered.headers.get('location') ?? '', url).href);
      expect(textOf(await page.text())).toContain('Your identity provider has ended your session as well.');
      const account = await accountOf(installation.server, 'gus@acme.example');
      await recorded(installation.server, 'SignedOut', ({ data }) => data.account === account);
    });

    it('asks by a form where the provider wants that', async () => {
      const browser = new BrowserLess();
      await signInBySaml(browser, installation, person('hal'), 'hal-1', 'corp-post');
      const left = await pressSignOut(browser, installation.server);
      const page = await left.text();
      expect(formAction(page)).toBe(installation.idp.slo);
      expect(left.headers.get('content-security-policy')).toContain(
        `form-action 'self' ${new URL(installation.idp.slo).origin}`,
      );
      const { SAMLRequest = '' } = hiddenFields(page);
      expect(readLogoutMessage(SAMLRequest, 'post')).toMatchObject({ nameId: 'id-of-hal', sessionIndexes: ['hal-1'] });
    });

    it('says so when the provider did not end everything', async () => {
      const browser = new BrowserLess();
      await signInBySaml(browser, installation, person('ian'), 'ian-1');
      const asked = new URL(leadsTo(await (await pressSignOut(browser, installation.server)).text()));
      const { id } = readLogoutMessage(asked.searchParams.get('SAMLRequest') ?? '', 'redirect');
      const partial = answerTo(id, ['Success', 'PartialLogout']);
      const page = await (await browser.go(sloUrl('SAMLResponse', partial))).text();
      expect(textOf(page)).toContain('did not end all of it');
    });

    it('takes no answer that this browser did not ask for, or that is not signed', async () => {
      const browser = new BrowserLess();
      await signInBySaml(browser, installation, person('joy'), 'joy-1');
      const asked = new URL(leadsTo(await (await pressSignOut(browser, installation.server)).text()));
      const { id } = readLogoutMessage(asked.searchParams.get('SAMLRequest') ?? '', 'redirect');
      const elsewhere = await new BrowserLess().go(sloUrl('SAMLResponse', answerTo(id)));
      expect([elsewhere.status, await codeOf(elsewhere)]).toEqual([400, 'in-response-to-mismatch']);
      const unsigned = deflateRawSync(answerTo(id)).toString('base64');
      const bare = await browser.go(`${url}/saml/corp/slo?SAMLResponse=${encodeURIComponent(unsigned)}`);
      expect([bare.status, await codeOf(bare)]).toEqual([400, 'invalid-signature']);
      expect((await browser.go(sloUrl('SAMLResponse', answerTo(id)))).status).toBe(303);
    });

    it('stays here where the connection has no single logout', async () => {
      const browser = new BrowserLess();
      await signInBySaml(browser, installation, person('kim'), 'kim-1', 'corp-local');
      const left = await pressSignOut(browser, installation.server);
      expect([left.status, left.headers.get('location')]).toEqual([303, '/logout']);
      expect(await signedIn(installation.server, browser)).toEqual([false]);
    });

    it('needs the form of our own page: another site signs nobody out', async () => {
      const browser = new BrowserLess();
      await signInBySaml(browser, installation, person('lea'), 'lea-1');
      const forged = await browser.submit(`${url}/logout`, { csrf: 'x' }, 'https://evil.example');
      expect(forged.status).toBe(403);
      expect(await signedIn(installation.server, browser)).toEqual([true]);
    });
  });

  const answerTo = (inResponseTo: string, status?: readonly [string, string?], connection = 'corp') =>
    buildLogoutResponse(
      {
        key: installation.key,
        id: `_${randomUUID()}`,
        idpEntityId: IDP,
        destination: `${url}/saml/${connection}/slo`,
        now: new Date(),
        inResponseTo,
        ...(status ? { status } : {}),
      },
      'none',
    );

  it('gets through the rules of a real browser, to the provider by an address and by a form, and wherever that leads on to', async () => {
    installation.idp.answer = atIdentityProvider;
    const chromium = await startChromium();
    try {
      for (const connection of ['corp', 'corp-post']) {
        const page = await (await chromium.newContext()).newPage();
        const complaints: string[] = [];
        page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
        await page.goto(`${url}/login/${connection}`);
        await page.waitForURL(`${url}/me`);
        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.waitForURL(`${url}/logout?state=*`);
        expect(await page.getByText('Your identity provider has ended your session as well.').count()).toBe(1);
        expect(complaints).toEqual([]);
      }
    } finally {
      await chromium.close();
    }
  }, 60_000);

  /** What the provider answers a real browser: to a sign-in by a form, to a sign-out by way of another of its hosts. */
  const atIdentityProvider: SignOutInstallation['idp']['answer'] = (request, body, response) => {
    const asked = new URL(request.url ?? '/', `http://${request.headers.host}`);
    const SAMLRequest = asked.searchParams.get('SAMLRequest') ?? new URLSearchParams(body).get('SAMLRequest') ?? '';
    const page = (html: string) => response.writeHead(200, { 'content-type': 'text/html' }).end(html);
    const redirect = (location: string) => response.writeHead(302, { location }).end();
    if (asked.pathname === '/sso') {
      const { id: requestId, acsUrl = '' } = readAuthnRequest({ SAMLRequest });
      const connection = acsUrl.includes('corp-post') ? 'corp-post' : 'corp';
      const said = honest(url, connection, person(`una-${connection}`), installation.key);
      const SAMLResponse = encodeSamlResponse(buildSamlResponse({ ...said, requestId, sessionIndex: 'una-1' }));
      page(selfSending(acsUrl, { SAMLResponse, RelayState: asked.searchParams.get('RelayState') ?? '' }));
    } else if (asked.hostname === '127.0.0.1' && request.method === 'GET') {
      redirect(`http://localhost:${asked.port}${asked.pathname}${asked.search}`);
    } else if (asked.pathname === '/slo') {
      const isForm = request.method === 'POST';
      const connection = isForm ? 'corp-post' : 'corp';
      const { id } = readLogoutMessage(SAMLRequest, isForm ? 'post' : 'redirect');
      const back = sloUrl('SAMLResponse', answerTo(id, undefined, connection), { connection });
      if (isForm) page(`<script>location.replace(${JSON.stringify(back)})</script>`);
      else redirect(back);
    } else response.writeHead(204).end();
  };

  it('leaves nothing that names a person in the log or in the output', async () => {
    const output = installation.server.output();
    for (const name of ['id-of-', 'sub-of-', '@acme.example']) expect(output).not.toContain(name);
  });
});
