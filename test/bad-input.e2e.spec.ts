import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { BrowserLess, textOf } from './support/browser-less.js';
import { answerFor, api, type Installation, startInstallation, wholeLog } from './support/installation.js';
import { ADMIN_KEY } from './support/started-server.js';

const HOSTILE = join(process.env['TEST_CORPORA'] ?? resolve(__dirname, '../../shared/corpora'), 'saml/hostile');

// Goal: whatever arrives, the answer has the right status and a stable code, tells nothing that it should not, and the process stays well.
describe('bad input', () => {
  let installation: Installation;
  beforeAll(async () => {
    installation = await startInstallation();
  }, 60_000);
  afterEach(async () => {
    expect((await fetch(`${installation.server.url}/health/ready`)).status).toBe(200);
  });
  afterAll(() => installation?.server.stop());

  const post = (fields: Record<string, string>) =>
    new BrowserLess().submit(`${installation.server.url}/saml/corp/acs`, fields, 'https://idp.example/');

  const expectRefusal = async (answer: Response, status: number, code: string) => {
    const page = await answer.text();
    expect([answer.status, /<code>([a-z0-9-]+)<\/code>/.exec(page)?.[1]]).toEqual([status, code]);
    expect(textOf(page)).not.toMatch(/\bat .+:\d+:\d+|node_modules|postgres|select /i);
  };

  describe('at the assertion consumer service', () => {
    it.each([
      ['nothing at all', {}, 400, 'malformed-response'],
      ['an empty response', { SAMLResponse: '' }, 400, 'malformed-response'],
      ['malformed base64', { SAMLResponse: '*** not base64 ***' }, 400, 'malformed-response'],
      [
        'malformed UTF-8',
        { SAMLResponse: Buffer.from([0x3c, 0x61, 0xff, 0xfe]).toString('base64') },
        400,
        'malformed-response',
      ],
      ['no XML', { SAMLResponse: Buffer.from('hello').toString('base64') }, 400, 'malformed-response'],
      ['too much', { SAMLResponse: Buffer.alloc(290_000, 'a').toString('base64') }, 413, 'too-large'],
    ])('refuses %s', async (_what, fields, status, code) => {
      await expectRefusal(await post(fields as Record<string, string>), status, code);
    });

    it('refuses a body beyond all bounds before reading it', async () => {
      await expectRefusal(await post({ SAMLResponse: 'a'.repeat(1_000_000) }), 413, 'body-too-large');
    });

    it('refuses JSON where a form is expected', async () => {
      const answer = await fetch(`${installation.server.url}/saml/corp/acs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      });
      expect(answer.status).toBe(415);
    });

    it('refuses 20,000 empty siblings at once, although an attacker can sign them', async () => {
      const xml = `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">${'<a/>'.repeat(20_000)}</samlp:Response>`;
      const answer = await post({ SAMLResponse: Buffer.from(xml).toString('base64') });
      expect([400, 413]).toContain(answer.status);
    });

    const cases = existsSync(HOSTILE) ? readdirSync(HOSTILE) : [];
    if (cases.length === 0) console.warn(`SKIPPED: no hostile SAML responses in ${HOSTILE}`);
    it.each(cases)('refuses the hostile response %s with a page and without harm', async (name) => {
      const folder = join(HOSTILE, name);
      for (const file of readdirSync(folder).filter((entry) => entry.endsWith('.xml'))) {
        const answer = await post({ SAMLResponse: readFileSync(join(folder, file)).toString('base64') });
        expect(answer.status).toBe(400);
        expect(answer.headers.get('content-type')).toContain('text/html');
      }
    });

    it.each([
      ['U+0000', 'a\u0001b'],
      ['an over-long value', 'x'.repeat(9_000)],
    ])('refuses %s in a claim', async (_what, value) => {
      const browser = new BrowserLess();
      const attributes = [
        { name: 'email', values: ['z@acme.example'] },
        { name: 'firstName', values: [value] },
      ];
      const built = await answerFor(
        browser,
        installation,
        { nameId: 'z', email: 'z@acme.example' },
        { attributes },
      ).catch((error: Error) => error);
      if (built instanceof Error) return expect(built.message).toMatch(/character/i);
      const answer = await browser.submit(built.acsUrl, built.fields, 'https://idp.example/');
      await expectRefusal(answer, 400, 'malformed-claim');
    });

    it('records unverified refusals one by one up to ten a minute and then counts, so that nobody can fill the log', async () => {
      const refusals = async () =>
        (await wholeLog(installation.server)).filter(
          ({ type, data }) => type === 'SignInRefused' && data.code === 'malformed-response',
        ).length;
      for (let request = 0; request < 40; request += 1) await post({ SAMLResponse: '*** not base64 ***' });
      // a minute may turn over once in between
      expect(await refusals()).toBeLessThanOrEqual(22);
      expect(await refusals()).toBeGreaterThan(0);
    });
  });

  describe('at the API', () => {
    it.each([
      ['a missing key', '/api/v1/accounts', {}, 401, 'missing-key'],
      ['a wrong key', '/api/v1/accounts', { authorization: 'Bearer nonsense' }, 401, 'invalid-key'],
      [
        'a key that looks right',
        '/api/v1/accounts',
        { authorization: `Bearer gbk_00000000-0000-4000-8000-000000000000_${'a'.repeat(43)}` },
        401,
        'invalid-key',
      ],
    ])('refuses %s', async (_what, path, headers, status, code) => {
      const answer = await fetch(`${installation.server.url}${path}`, { headers: headers as Record<string, string> });
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([status, code]);
    });

    it.each([
      ['/api/v1/accounts?tenant=acme&limit=10000', 400, 'invalid-limit'],
      ['/api/v1/accounts?tenant=acme&limit=0', 400, 'invalid-limit'],
      ['/api/v1/accounts?tenant=acme&cursor=nonsense', 400, 'invalid-cursor'],
      ['/api/v1/accounts?tenant=acme&minPosition=nonsense', 400, 'invalid-position-token'],
      ['/api/v1/accounts?tenant=acme&colour=red', 400, 'invalid-request'],
      ['/api/v1/accounts', 400, 'tenant-required'],
      ['/api/v1/accounts?tenant=nobody', 404, 'not-found'],
      ['/api/v1/accounts/not-a-uuid', 400, 'invalid-request'],
      ['/api/v1/accounts/00000000-0000-4000-8000-000000000000', 404, 'account-not-found'],
      ['/api/v1/access?tenant=acme&asOf=yesterday', 400, 'invalid-date'],
      ['/api/v1/access?tenant=acme&asOf=2026-02-30T00:00:00Z', 400, 'invalid-date'],
      ['/api/v1/events?tenant=acme&after=-5', 400, 'invalid-position'],
      ['/api/v1/events?tenant=acme&type=RolesAsigned', 400, 'invalid-type'],
      ['/api/v1/nothing-here', 404, 'not-found'],
    ])('answers %s with %i %s', async (path, status, code) => {
      const { status: answered, body } = await api(installation.server, path);
      expect([answered, body.code]).toEqual([status, code]);
      expect(body.requestId).toMatch(/^[0-9a-f-]{36}$/);
    });

    const account = { tenant: 'acme', directory: 'staff', userName: 'new@acme.example', reason: 'test' };
    it.each([
      ['unknown properties', { ...account, isAdmin: true }, 400, 'invalid-request'],
      ['a missing reason', { ...account, reason: undefined }, 400, 'invalid-request'],
      ['control characters', { ...account, displayName: 'a\u0000b' }, 400, 'invalid-request'],
      ['an unknown directory', { ...account, directory: 'nowhere' }, 400, 'directory-not-found'],
    ])('refuses an account with %s', async (_what, body, status, code) => {
      const answer = await api(installation.server, '/api/v1/accounts', { method: 'POST', body });
      expect([answer.status, answer.body.code]).toEqual([status, code]);
    });

    it('refuses malformed JSON, a wrong content type and a missing idempotency key, each by its name', async () => {
      const send = (init: RequestInit) =>
        fetch(`${installation.server.url}/api/v1/accounts`, {
          method: 'POST',
          ...init,
          headers: { authorization: `Bearer ${ADMIN_KEY}`, ...(init.headers as Record<string, string>) },
        });
      const codes = await Promise.all(
        [
          send({ headers: { 'content-type': 'application/json', 'idempotency-key': 'k' }, body: '{"a":' }),
          send({ headers: { 'content-type': 'text/plain', 'idempotency-key': 'k' }, body: 'a' }),
          send({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(account) }),
          send({
            headers: { 'content-type': 'application/json', 'idempotency-key': 'k' },
            body: JSON.stringify({ ...account, title: 'x'.repeat(300_000) }),
          }),
        ].map(async (answer) => ((await (await answer).json()) as { code: string }).code),
      );
      expect(codes).toEqual(['malformed-json', 'unsupported-media-type', 'idempotency-key-required', 'body-too-large']);
    });

    it('does a write once per idempotency key, answers a repeat the same, and refuses the key for another body', async () => {
      const first = await api(installation.server, '/api/v1/accounts', {
        method: 'POST',
        body: account,
        idempotencyKey: 'once',
      });
      const repeat = await api(installation.server, '/api/v1/accounts', {
        method: 'POST',
        body: account,
        idempotencyKey: 'once',
      });
      const reuse = await api(installation.server, '/api/v1/accounts', {
        method: 'POST',
        body: { ...account, userName: 'else@acme.example' },
        idempotencyKey: 'once',
      });
      expect(first.status).toBe(201);
      expect(repeat.body).toEqual(first.body);
      expect([reuse.status, reuse.body.code]).toEqual([422, 'idempotency-key-reused']);
    });

    it('withholds personal data from a key without personal:read, and refuses to search by it', async () => {
      const body = {
        name: 'reader',
        tenant: 'acme',
        scopes: ['audit:read'],
        expiresAt: '2099-01-01T00:00:00Z',
        reason: 'test',
      };
      const { secret } = (await api(installation.server, '/api/v1/keys', { method: 'POST', body })).body;
      await api(installation.server, '/api/v1/accounts', {
        method: 'POST',
        body: { ...account, userName: 'hidden@acme.example' },
      });
      const listed = await api(installation.server, '/api/v1/accounts', { key: secret });
      expect(listed.status).toBe(200);
      expect(JSON.stringify(listed.body)).not.toContain('@acme.example');
      const events = await api(installation.server, '/api/v1/events?limit=200', { key: secret });
      expect(JSON.stringify(events.body)).not.toContain('@acme.example');
      expect(
        (await api(installation.server, '/api/v1/accounts?email=hidden@acme.example', { key: secret })).body.code,
      ).toBe('personal-read-required');
      expect(
        (await api(installation.server, '/api/v1/accounts', { key: secret, method: 'POST', body: account })).status,
      ).toBe(403);
    });

    it('stops a key that was revoked at once', async () => {
      const body = {
        name: 'short-lived',
        tenant: 'acme',
        scopes: ['audit:read'],
        expiresAt: '2099-01-01T00:00:00Z',
        reason: 'test',
      };
      const { id, secret } = (await api(installation.server, '/api/v1/keys', { method: 'POST', body })).body;
      expect((await api(installation.server, '/api/v1/accounts', { key: secret })).status).toBe(200);
      await api(installation.server, `/api/v1/keys/${id}?reason=over`, { method: 'DELETE' });
      expect((await api(installation.server, '/api/v1/accounts', { key: secret })).body.code).toBe('key-revoked');
    });
  });
});
