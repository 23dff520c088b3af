/** What operators and their tools ask of every server: health, metrics, the description of the API. */
import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Public, RequireScopes } from '../auth/access.decorators.js';
import { startTestServer, type TestServer } from '../http/test-server.fixture.js';
import { setUpOpenApi } from '../openapi/set-up-open-api.js';
import { ErrorsAsPages } from '../pages/page-error.filter.js';
import { IsText } from '../validation/text.decorators.js';
import { Readiness } from './readiness.js';

class ThingBody {
  @ApiProperty() @IsText({ max: 10 }) name!: string;
}

@Controller('things')
class ThingsController {
  @Get(':id') @RequireScopes('audit:read') one(@Param('id') id: string) {
    return { id };
  }
  @Post() @RequireScopes('accounts:write') add(@Body() body: ThingBody) {
    return body;
  }
  @Get() @Public() @ErrorsAsPages() page() {
    return '';
  }
}

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({
    controllers: [ThingsController],
    beforeListen: (app) => setUpOpenApi(app, { title: 'Things', version: '1.2.3' }),
  });
});
afterAll(() => server.close());

const ask = (path: string) => fetch(`${server.url}${path}`);

describe('health', () => {
  it('is told without a key', async () => {
    expect(await (await ask('/health/live')).json()).toEqual({ live: true });
    expect(await (await ask('/health/ready')).json()).toEqual({ ready: true, checks: {} });
  });

  it('is bad as long as one part is not ready, fails, or does not answer', async () => {
    const readiness = server.app.get(Readiness);
    let relay = false;
    readiness.register('relay', async () => ({ ready: relay, detail: 'waits for the lease' }));
    const response = await ask('/health/ready');
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({
      ready: false,
      checks: { relay: { ready: false, detail: 'waits for the lease' } },
    });
    relay = true;
    expect((await ask('/health/ready')).status).toBe(200);
  });

  it.each([
    ['fails', () => Promise.reject(new Error('secret')), 'failed'],
    [
      'throws at once',
      () => {
        throw new Error('secret');
      },
      'failed',
    ],
    ['never answers', () => new Promise<never>(() => {}), 'did not answer in time'],
  ])('of a part that %s is bad, and says no more', async (_what, check, detail) => {
    const readiness = new Readiness();
    readiness.register('part', check);
    expect(await readiness.report()).toEqual({ ready: false, checks: { part: { ready: false, detail } } });
  });

  it('has one part of each name', () => {
    const readiness = new Readiness();
    readiness.register('part', async () => ({ ready: true }));
    expect(() => readiness.register('part', async () => ({ ready: true }))).toThrow('part');
  });
});

describe('metrics', () => {
  it('count requests by route pattern, never by address', async () => {
    await server.ask('/things/ada-lovelace');
    await ask('/nowhere/ada-lovelace');
    const text = await (await ask('/metrics')).text();
    expect(text).toMatch(
      /gatebook_http_request_duration_seconds_count\{method="GET",route="\/things\/:id",status="200"\} 1/,
    );
    expect(text).toContain('route="(none)",status="404"');
    expect(text).toContain('process_cpu_seconds_total');
    expect(text).not.toContain('ada-lovelace');
  });
});

describe('the description of the API', () => {
  // biome-ignore lint/suspicious/noExplicitAny: a JSON document, looked into at a few places
  const document = async (): Promise<any> => (await ask('/openapi.json')).json();

  it('names every route with its security and its refusals', async () => {
    const { paths, components } = await document();
    const one = paths['/things/{id}'].get;
    expect(one.operationId).toBe('things.one');
    expect(one.security).toEqual(expect.arrayContaining([{ key: [] }, { session: [] }]));
    expect(Object.keys(one.responses).sort()).toEqual(['200', '400', '401', '403', '404', '503', 'default']);
    expect(Object.keys(paths['/things'].post.responses)).toEqual(expect.arrayContaining(['409', '413', '415', '422']));
    expect(components.responses['Refused-400'].content['application/problem+json'].schema).toEqual({
      $ref: '#/components/schemas/Problem',
    });
    expect(components.securitySchemes).toMatchObject({ key: { scheme: 'bearer' }, session: { in: 'cookie' } });
    expect(paths['/health/ready'].get.security).toBeUndefined();
  });

  it('says of pages that they are pages', async () => {
    const { paths } = await document();
    expect(paths['/things'].get.responses.default.content).toHaveProperty(['text/html']);
  });

  it('has no reference into nothing', async () => {
    const whole = await document();
    const references = JSON.stringify(whole).match(/"#\/[^"]+"/g) ?? [];
    const found = (reference: string) =>
      reference
        .slice(3, -1)
        .split('/')
        .reduce((at, key) => at?.[key], whole);
    expect(references.length).toBeGreaterThan(0);
    expect(references.filter((reference) => found(reference) === undefined)).toEqual([]);
  });

  it('is shown by a viewer that loads nothing from elsewhere', async () => {
    const page = await ask('/docs');
    const html = await page.text();
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self';");
    const sources = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(
      ([, source]) => new URL(source ?? '', `${server.url}/docs`),
    );
    expect(sources.length).toBeGreaterThan(3);
    for (const source of sources) {
      expect(source.origin).toBe(server.url);
      const asset = await fetch(source);
      expect(asset.status).toBe(200);
      await asset.arrayBuffer();
    }
    expect(html).not.toMatch(/<script>[^<]/);
  });

  it('loosens the policy for the viewer alone', async () =>
    expect((await ask('/openapi.json')).headers.get('content-security-policy')).toContain(
      "default-src 'none'; base-uri",
    ));
});
