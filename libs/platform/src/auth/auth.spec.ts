/** Who is let in, who is not, and what each is told; with the session's writes, which need more. */
import { Controller, Get, Post } from '@nestjs/common';
import type { Scope } from '#libs/contracts';
import { AcceptsForm } from '../http/body.guard.js';
import { readCookies } from '../http/cookies.js';
import { startTestServer, type TestServer } from '../http/test-server.fixture.js';
import { CurrentCaller, Public, RequireScopes } from './access.decorators.js';
import { AdminKeyAuthenticator } from './admin-key.authenticator.js';
import { ApiKeyAuthenticator } from './api-key.authenticator.js';
import { type ApiKeyRecord, newApiKey } from './api-key.js';
import type { Authenticator } from './authenticator.port.js';
import type { Caller } from './caller.js';
import { csrfTokenOf } from './csrf.js';
import { ownedBy, tenantFor } from './tenant-for.js';

const ADMIN_KEY = 'a-key-for-tests-of-some-length';
const NOW = new Date('2026-03-01T12:00:00.000Z');
const CSRF_SECRET = Buffer.alloc(32, 7);

@Controller()
class VaultController {
  @Get('open') @Public() open() {
    return {};
  }
  @Get('known') @RequireScopes() known(@CurrentCaller() caller: Caller) {
    return { id: caller.actor.id, tenant: caller.tenant };
  }
  @Get('audit') @RequireScopes('audit:read') audit() {
    return {};
  }
  @Get('both') @RequireScopes('audit:read', 'personal:read') both() {
    return {};
  }
  @Post('write') @RequireScopes('accounts:write') write() {
    return {};
  }
  @Post('form') @AcceptsForm() @RequireScopes('accounts:write') form() {
    return {};
  }
}

/** A key of tenant acme with one scope; `change` makes the variants. */
const key = (n: number, change: Partial<ApiKeyRecord> = {}) => {
  const id = `00000000-0000-4000-8000-00000000000${n}`;
  const { token, secretHash } = newApiKey(id);
  const record: ApiKeyRecord = {
    id,
    tenant: 'acme',
    scopes: ['audit:read'],
    expiresAt: '2026-03-01T12:00:00.001Z',
    revokedAt: null,
    secretHash,
    ...change,
  };
  return { token, record };
};
const good = key(1);
const expired = key(2, { expiresAt: NOW.toISOString() });
const revoked = key(3, { revokedAt: NOW.toISOString() });
const undated = key(4, { expiresAt: 'soon' });
const keys = new Map([good, expired, revoked, undated].map(({ record }) => [record.id, record]));

/** Stands for sign-in by cookie. */
const bySession: Authenticator = {
  authenticate: async (request) => {
    const token = readCookies(request).get('session');
    if (token !== 'ada') return null;
    request.sessionToken = token;
    return {
      actor: { kind: 'account', id: 'ada' },
      tenant: 'acme',
      scopes: new Set<Scope>(['accounts:write']),
      via: 'session',
    };
  },
};

const authenticators = {
  useFactory: () => [
    new AdminKeyAuthenticator(ADMIN_KEY),
    new ApiKeyAuthenticator({ find: async (id) => keys.get(id) ?? null }, { now: () => NOW }),
    bySession,
  ],
};

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ controllers: [VaultController], authenticators, csrfKey: CSRF_SECRET });
});
afterAll(() => server.close());

const ask = (path: string, authorization?: string) =>
  fetch(`${server.url}${path}`, { headers: authorization ? { authorization } : {} });
const answer = async (response: Response) => ({ status: response.status, ...((await response.json()) as object) });

describe('a request with a key', () => {
  it('is known by it', async () => {
    expect(await answer(await ask('/known', `Bearer ${good.token}`))).toEqual({
      status: 200,
      id: good.record.id,
      tenant: 'acme',
    });
    expect(await answer(await ask('/known', `Bearer ${ADMIN_KEY}`))).toEqual({
      status: 200,
      id: 'admin-key',
      tenant: null,
    });
  });

  it.each([
    ['of another secret', `Bearer ${good.token.slice(0, -1)}${good.token.endsWith('A') ? 'B' : 'A'}`, 'invalid-key'],
    ['of another id', `Bearer ${good.token.replace('00001_', '00009_')}`, 'invalid-key'],
    ['with the secret of a neighbour', `Bearer ${good.token.replace('00001_', '00002_')}`, 'invalid-key'],
    ['cut short', `Bearer ${good.token.slice(0, 30)}`, 'invalid-key'],
    ['unknown altogether', 'Bearer something', 'invalid-key'],
    ['almost the administrator’s', `Bearer ${ADMIN_KEY}x`, 'invalid-key'],
    ['over-long', `Bearer ${'x'.repeat(9_000)}`, 'invalid-key'],
    ['of another scheme', `Basic ${Buffer.from('a:b').toString('base64')}`, 'invalid-key'],
    ['that expired at this very instant', `Bearer ${expired.token}`, 'key-expired'],
    ['with an end that cannot be read', `Bearer ${undated.token}`, 'key-expired'],
    ['that was revoked', `Bearer ${revoked.token}`, 'key-revoked'],
  ])('%s is refused', async (_what, authorization, code) => {
    const response = await ask('/known', authorization);
    expect(response.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
    expect(await answer(response)).toMatchObject({ status: 401, code });
  });

  it('tells nobody without the secret whether a key has expired', async () =>
    expect(await answer(await ask('/known', `Bearer ${expired.token.slice(0, -2)}zz`))).toMatchObject({
      code: 'invalid-key',
    }));

  it('without the scope is refused, and told which', async () => {
    const response = await ask('/both', `Bearer ${good.token}`);
    expect(response.headers.get('www-authenticate')).toContain('scope="personal:read"');
    expect(await answer(response)).toMatchObject({ status: 403, code: 'missing-scope' });
    expect((await ask('/audit', `Bearer ${good.token}`)).status).toBe(200);
  });
});

describe('a request without a key', () => {
  it('is refused everywhere but on public routes', async () => {
    const response = await ask('/known');
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(await answer(response)).toMatchObject({ status: 401, code: 'missing-key' });
    expect((await ask('/open')).status).toBe(200);
  });

  it('is refused before its body is looked at', async () => {
    const response = await fetch(`${server.url}/write`, {
      method: 'POST',
      body: '{',
      headers: { 'content-type': 'application/json' },
    });
    expect(await answer(response)).toMatchObject({ status: 401 });
  });
});

describe('a write by a session', () => {
  const TOKEN = csrfTokenOf(CSRF_SECRET, 'ada');
  const OURS = 'http://localhost:3000';
  const write = (headers: Record<string, string>) =>
    fetch(`${server.url}/write`, { method: 'POST', headers: { cookie: 'session=ada', ...headers } });

  it('passes with the token and our origin', async () =>
    expect((await write({ origin: OURS, 'x-csrf-token': TOKEN })).status).toBe(201));

  it('passes with the token in a form', async () => {
    const form = {
      method: 'POST',
      headers: { cookie: 'session=ada', origin: OURS },
      body: new URLSearchParams({ csrf: TOKEN }),
    };
    expect((await fetch(`${server.url}/form`, form)).status).toBe(201);
  });

  it('passes without an origin if the browser says that the page is ours', async () => {
    expect((await write({ 'sec-fetch-site': 'same-origin', 'x-csrf-token': TOKEN })).status).toBe(201);
    expect((await write({ 'sec-fetch-site': 'cross-site', 'x-csrf-token': TOKEN })).status).toBe(403);
    expect((await write({ 'x-csrf-token': TOKEN })).status).toBe(403);
  });

  it.each([
    ['no token', { origin: OURS }],
    ['another session’s token', { origin: OURS, 'x-csrf-token': csrfTokenOf(CSRF_SECRET, 'bob') }],
    ['a token under another key', { origin: OURS, 'x-csrf-token': csrfTokenOf(Buffer.alloc(32, 8), 'ada') }],
    ['another origin', { origin: 'https://evil.example', 'x-csrf-token': TOKEN }],
    ['a hidden origin', { origin: 'null', 'x-csrf-token': TOKEN }],
  ])('is refused with %s', async (_what, headers) =>
    expect(await answer(await write(headers as Record<string, string>))).toMatchObject({
      status: 403,
      code: 'csrf-refused',
    }),
  );

  it('is refused where no CSRF key is configured', async () => {
    const unconfigured = await startTestServer({ controllers: [VaultController], authenticators });
    const response = await fetch(`${unconfigured.url}/write`, {
      method: 'POST',
      headers: { cookie: 'session=ada', origin: OURS, 'x-csrf-token': TOKEN },
    });
    expect(response.status).toBe(403);
    await unconfigured.close();
  });

  it('is not asked of keys', async () => {
    const response = await fetch(`${server.url}/write`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN_KEY}` },
    });
    expect(response.status).toBe(201);
  });

  it('is not asked of reading', async () =>
    expect((await fetch(`${server.url}/known`, { headers: { cookie: 'session=ada' } })).status).toBe(200));
});

describe('a route that does not say who may use it', () => {
  it('keeps the server from starting', async () => {
    @Controller('forgotten')
    class ForgottenController {
      @Get() read() {
        return {};
      }
    }
    await expect(startTestServer({ controllers: [ForgottenController] })).rejects.toThrow('ForgottenController.read');
  });
});

describe('the tenant of a request', () => {
  const caller = (tenant: string | null): Caller => ({
    actor: { kind: 'key', id: 'k' },
    tenant,
    scopes: new Set(),
    via: 'key',
  });
  const codeOf = (work: () => unknown) => {
    try {
      return work();
    } catch (error) {
      return (error as { code: string }).code;
    }
  };

  it('is the key’s own, and any other does not exist', () => {
    expect(tenantFor(caller('acme'))).toBe('acme');
    expect(tenantFor(caller('acme'), 'acme')).toBe('acme');
    expect(codeOf(() => tenantFor(caller('acme'), 'globex'))).toBe('not-found');
  });

  it('must be named by a key of the installation unless there is only one', () => {
    expect(codeOf(() => tenantFor(caller(null)))).toBe('tenant-required');
    expect(codeOf(() => tenantFor(caller(null), undefined, ['acme', 'globex']))).toBe('tenant-required');
    expect(tenantFor(caller(null), undefined, ['acme'])).toBe('acme');
    expect(tenantFor(caller(null), 'globex', ['acme', 'globex'])).toBe('globex');
    expect(codeOf(() => tenantFor(caller(null), 'nobody', ['acme']))).toBe('not-found');
  });

  it('hides what belongs to others', () => {
    expect(ownedBy(caller('acme'), { tenant: 'acme' })).toEqual({ tenant: 'acme' });
    expect(ownedBy(caller(null), { tenant: 'acme' })).toEqual({ tenant: 'acme' });
    expect(codeOf(() => ownedBy(caller('acme'), { tenant: 'globex' }))).toBe('not-found');
    expect(codeOf(() => ownedBy(caller('acme'), null))).toBe('not-found');
  });
});
