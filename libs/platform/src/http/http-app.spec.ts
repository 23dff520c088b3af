/** What every server of Gatebook does with requests, good and bad: bodies, media types, addresses, headers, errors, logs. */
import { request as httpRequest } from 'node:http';
import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsArray, IsOptional, ValidateNested } from 'class-validator';
import { DomainError, type ErrorKind } from '#libs/kernel';
import { Public } from '../auth/access.decorators.js';
import { ErrorsAsPages } from '../pages/page-error.filter.js';
import { STATUS_OF_KIND } from '../problem/problem.js';
import { IsInstant } from '../validation/instant.js';
import { PageQuery } from '../validation/list.decorators.js';
import { IsId, IsReason, IsText } from '../validation/text.decorators.js';
import { AcceptsForm } from './body.guard.js';
import { FORM_BYTES_MAX, JSON_BYTES_MAX } from './request-body.js';
import { startTestServer, type TestServer } from './test-server.fixture.js';

class LinkBody {
  @IsId() connection!: string;
  @IsText({ max: 64 }) subject!: string;
}

class NoteBody {
  @IsText({ max: 20 }) name!: string;
  @IsReason() reason!: string;
  @IsOptional() @IsArray() @ValidateNested({ each: true }) @Type(() => LinkBody) links?: LinkBody[];
}

class NotesQuery extends PageQuery {
  @IsOptional() @IsInstant() asOf?: string;
}

class RuleBroken extends DomainError {
  readonly code = 'rule-broken';
  override readonly details = { limit: 3 };
  constructor(readonly kind: ErrorKind) {
    super('A rule is broken. Mend it.');
  }
}

@Controller('notes')
@Public()
class NotesController {
  @Get() list(@Query() query: NotesQuery) {
    return { ...query };
  }
  @Post() add(@Body() body: NoteBody) {
    return { name: body.name };
  }
  @Post('form') @AcceptsForm() form(@Body() body: Record<string, string>) {
    return { length: body['SAMLResponse']?.length };
  }
  @Get('refused/:kind') refused(@Param('kind') kind: ErrorKind) {
    throw new RuleBroken(kind);
  }
  @Get('broken') broken() {
    throw new Error('could not store "ada@acme.example"', { cause: new TypeError('reading ada@acme.example') });
  }
  @Get('page') @ErrorsAsPages() page() {
    throw new RuleBroken('forbidden');
  }
}

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ controllers: [NotesController] });
});
afterAll(() => server.close());

const NOTE = { name: 'n', reason: 'because' };
const json = { 'content-type': 'application/json' };
const problemOf = async (response: Response) => ({
  status: response.status,
  ...((await response.json()) as Record<string, unknown>),
});
const raw = (body: BodyInit, headers: Record<string, string> = json) =>
  server.ask('/notes', { method: 'POST', body, headers });

describe('a good request', () => {
  it('is answered', async () => {
    const response = await server.post('/notes', NOTE);
    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({ name: 'n' });
  });

  it('may carry a form of 390 kB where a form is expected', async () => {
    const body = new URLSearchParams({ SAMLResponse: 'A'.repeat(390 * 1024) });
    expect(await (await server.ask('/notes/form', { method: 'POST', body })).json()).toEqual({ length: 390 * 1024 });
  });

  it('gets the headers that hold for every answer', async () => {
    const { headers } = await server.ask('/notes');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('strict-transport-security')).toBeNull();
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('a bad body', () => {
  it.each([
    ['a broken object', '{"name":', json, 400, 'malformed-json'],
    ['a bare string', '"name"', json, 400, 'malformed-json'],
    ['broken UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), json, 400, 'malformed-utf8'],
    ['a hundred thousand brackets', '['.repeat(1e5) + ']'.repeat(1e5), json, 400, 'malformed-json'],
    ['JSON over the limit', JSON.stringify({ name: 'x'.repeat(JSON_BYTES_MAX) }), json, 413, 'body-too-large'],
    ['text', 'name', { 'content-type': 'text/plain' }, 415, 'unsupported-media-type'],
    ['XML', '<a/>', { 'content-type': 'application/xml' }, 415, 'unsupported-media-type'],
    [
      'a form where JSON is expected',
      'a=b',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'unsupported-media-type',
    ],
    ['another charset', '{}', { 'content-type': 'application/json; charset=latin1' }, 415, 'unsupported-charset'],
    ['a compressed body', '{}', { ...json, 'content-encoding': 'gzip' }, 415, 'unsupported-content-encoding'],
  ] as [string, string | Buffer<ArrayBuffer>, Record<string, string>, number, string][])(
    '%s is refused',
    async (_what, body, headers, status, code) => {
      expect(await problemOf(await raw(body, headers))).toMatchObject({ status, code, type: 'about:blank' });
    },
  );

  it('is refused as a form that is too large, or is JSON', async () => {
    const form = { method: 'POST', body: new URLSearchParams({ a: 'x'.repeat(FORM_BYTES_MAX) }) };
    expect(await problemOf(await server.ask('/notes/form', form))).toMatchObject({
      status: 413,
      code: 'body-too-large',
    });
    expect(await problemOf(await server.post('/notes/form', {}))).toMatchObject({ status: 415 });
  });

  it('is answered as problem details, with the request id and without the stack', async () => {
    const response = await raw('{"secret-looking');
    const body = await response.clone().text();
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(await response.json()).toMatchObject({
      title: 'Bad Request',
      requestId: response.headers.get('x-request-id'),
    });
    expect(body).not.toMatch(/secret-looking|\.ts|\.js|node_modules/);
  });
});

describe('fields that do not fit', () => {
  const errorsOf = async (body: unknown) =>
    (await problemOf(await server.post('/notes', body))) as { code: string; status: number; errors: unknown };

  it('are all named at once, with their paths and never their values', async () => {
    const answer = await errorsOf({
      name: 'x'.repeat(99),
      hobby: 'value-of-hobby',
      links: [{ connection: 'NOT-AN-ID', subject: 's' }],
    });
    expect(answer).toMatchObject({ status: 400, code: 'invalid-request' });
    expect(answer.errors).toEqual(
      expect.arrayContaining([
        { field: 'hobby', problem: 'is not known here' },
        { field: 'name', problem: expect.stringContaining('1 to 20') },
        { field: 'reason', problem: expect.stringContaining('must say why') },
        { field: 'links[0].connection', problem: expect.stringContaining('1 to 63') },
      ]),
    );
    expect(JSON.stringify(answer)).not.toMatch(/xxx|value-of-hobby|NOT-AN-ID/);
  });

  it.each(['a\u0000b', 'a\u0007b', 'a\u009bb', '\ud800', ''])('name %j is refused', async (name) =>
    expect(await errorsOf({ ...NOTE, name })).toMatchObject({ status: 400, errors: [{ field: 'name' }] }),
  );

  it('named __proto__ or constructor are unknown fields like any other and change nothing', async () => {
    const body =
      '{"name":"n","reason":"r","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}';
    expect((await raw(body)).status).toBe(400);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('without any body are named too', async () =>
    expect(await problemOf(await server.ask('/notes', { method: 'POST' }))).toMatchObject({
      status: 400,
      code: 'invalid-request',
    }));

  it.each([
    ['limit=10000', 'invalid-limit'],
    ['limit=0', 'invalid-limit'],
    ['limit=1e2', 'invalid-limit'],
    ['limit=5&limit=6', 'invalid-limit'],
    ['cursor=%00', 'invalid-cursor'],
    ['cursor=bm90IGpzb24', 'invalid-cursor'],
    ['asOf=yesterday', 'invalid-date'],
    ['asOf=2026-02-30T00:00:00Z', 'invalid-date'],
    ['asOf=2026-01-01T00:00:00%2B01:00', 'invalid-date'],
    ['asOf=0000-01-01T00:00:00Z', 'invalid-date'],
    ['minPosition=12', 'invalid-position-token'],
    ['limit=0&cursor=!', 'invalid-request'],
    ['sort=name', 'invalid-request'],
    ['limit[]=5', 'invalid-request'],
  ])('in the query %s answer %s', async (query, code) =>
    expect(await problemOf(await server.ask(`/notes?${query}`))).toMatchObject({ status: 400, code }),
  );

  it('have their defaults and normal forms when they fit', async () =>
    expect(await (await server.ask('/notes?asOf=2026-01-31T09:00:00Z')).json()).toEqual({
      limit: 50,
      asOf: '2026-01-31T09:00:00.000Z',
    }));
});

describe('an error', () => {
  it.each(Object.entries(STATUS_OF_KIND))('of kind %s answers %i with its code and details', async (kind, status) =>
    expect(await problemOf(await server.ask(`/notes/refused/${kind}`))).toMatchObject({
      status,
      code: 'rule-broken',
      details: { limit: 3 },
    }),
  );

  it('that asks for patience says when to come back', async () =>
    expect((await server.ask('/notes/refused/unavailable')).headers.get('retry-after')).toBe('1'));

  it('of ours tells the caller nothing, and the log its place but no personal data', async () => {
    const response = await server.ask('/notes/broken?email=ada@acme.example');
    const body = await response.text();
    expect(response.status).toBe(500);
    expect(JSON.parse(body)).toMatchObject({ code: 'internal-error', requestId: response.headers.get('x-request-id') });
    expect(body).not.toMatch(/ada|store/);
    const lines = server.logged.filter((line) => line.includes(response.headers.get('x-request-id') ?? '?'));
    expect(lines.join()).toContain('could not store');
    expect(lines.join()).toContain('http-app.spec.ts');
    expect(server.logged.filter((line) => line.includes('ada@'))).toEqual([]);
  });

  it('for people is a page with its code, under its own policy', async () => {
    const response = await server.ask('/notes/page');
    const page = await response.text();
    expect(response.status).toBe(403);
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(page).toContain('<code>rule-broken</code>');
    expect(page).toContain('<a href="/">');
    expect(page).toContain('Demo');
    const [, nonce] = /style-src 'nonce-([^']+)'/.exec(response.headers.get('content-security-policy') ?? '') ?? [];
    expect(page).toContain(`<style nonce="${nonce}">`);
  });
});

describe('an address', () => {
  it('that does not exist is a problem for programs and a page for people', async () => {
    expect(await problemOf(await server.ask('/nowhere/ada'))).toMatchObject({ status: 404, code: 'not-found' });
    const page = await server.ask('/nowhere/ada', { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } });
    expect(page.status).toBe(404);
    expect(await page.text()).toMatch(/<code>not-found<\/code>/);
  });

  it.each(['%E0%A4%A', '%ff', 'a%00b', '%0a'])('with the path %s is the caller’s mistake', async (path) =>
    expect(await problemOf(await server.ask(`/notes/refused/${path}`))).toMatchObject({
      status: 400,
      code: 'malformed-url',
    }),
  );
});

describe('the log', () => {
  it('has one line per answer, without query, headers or body, and none for health checks', async () => {
    const response = await server.ask('/notes?limit=7', { headers: { cookie: 'session=hidden' } });
    await server.ask('/health/live');
    const id = response.headers.get('x-request-id') ?? '?';
    const lines = server.logged.filter((line) => line.includes(id)).map((line) => JSON.parse(line));
    expect(lines).toEqual([
      expect.objectContaining({ msg: 'answered', method: 'GET', path: '/notes', status: 200, requestId: id }),
    ]);
    expect(
      server.logged.filter((line) => /limit=7|hidden|Bearer|answered.*health|health.*answered/.test(line)),
    ).toEqual([]);
  });
});

describe('a request id from outside', () => {
  const ID = 'edge-0123456789';
  it('is not taken over from strangers', async () =>
    expect((await server.ask('/notes', { headers: { 'x-request-id': ID } })).headers.get('x-request-id')).not.toBe(ID));

  it('is taken over from a trusted proxy if it is well-formed', async () => {
    const behind = await startTestServer({
      controllers: [NotesController],
      environment: { trustedProxies: ['loopback'], publicUrl: 'https://gatebook.example' },
    });
    const idFor = async (id: string) =>
      (await behind.ask('/notes', { headers: { 'x-request-id': id } })).headers.get('x-request-id');
    expect(await idFor(ID)).toBe(ID);
    expect(await idFor('with space')).not.toBe('with space');
    expect((await behind.ask('/notes')).headers.get('strict-transport-security')).toBe('max-age=31536000');
    await behind.close();
  });
});

describe('a server that is closing', () => {
  it('finishes the request under way, tells the client to go, and takes no new one', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    @Controller('slow')
    @Public()
    class SlowController {
      @Get() async slow() {
        await held;
        return { done: true };
      }
    }
    const closing = await startTestServer({ controllers: [SlowController] });
    const arrived = new Promise<void>((resolve) => closing.app.getHttpServer().once('request', () => resolve()));
    const answer = closing.ask('/slow');
    await arrived;
    const closed = closing.close();
    await expect(freshRequest(`${closing.url}/slow`)).rejects.toThrow('ECONNREFUSED');
    release();
    expect(await (await answer).json()).toEqual({ done: true });
    await closed;
  });
});

/** A request on a connection of its own, tried until the closing server has left its port. */
async function freshRequest(url: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    await new Promise<void>((resolve, reject) => {
      const request = httpRequest(url, { agent: false, timeout: 20 }, () => resolve());
      request.on('timeout', () => request.destroy(new Error('still listening')));
      request.on('error', (error) =>
        error.message === 'still listening' ? resolve() : reject(new Error(error.message)),
      );
      request.end();
    });
  }
}
