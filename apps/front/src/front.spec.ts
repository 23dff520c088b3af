/** One address before all servers: what is asked arrives at its home, whole and told from whom; what cannot arrive is refused honestly. */
import { request as rawRequest } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { closeAll, deserted, echo, serverThat, startFront } from './front.fixture.js';

afterEach(closeAll);

const problem = async (response: Response) => (await response.json()) as { code: string; detail: string };

describe('a request', () => {
  it('arrives at the home of its path, with its query, and the answer comes back with every cookie', async () => {
    const [gate, audit] = [await echo('gate'), await echo('audit')];
    const front = await startFront(`gate=${gate.origin},audit=${audit.origin}`);

    const answer = await fetch(`${front}/api/v1/access?account=1`);
    expect(await answer.text()).toBe('audit');
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await (await fetch(`${front}/login`)).text()).toBe('gate');
    expect(audit.seen.map(({ url }) => url)).toEqual(['/api/v1/access?account=1']);
  });

  it.each(['POST', 'PUT', 'DELETE'])('with a body of unknown length arrives whole: %s', async (method) => {
    const gate = await echo('gate');
    const front = await startFront(`gate=${gate.origin}`);
    const body = new ReadableStream({
      start(controller) {
        for (let part = 0; part < 64; part += 1) controller.enqueue(new Uint8Array(4096).fill(97));
        controller.close();
      },
    });

    await fetch(`${front}/login`, { method, body, duplex: 'half' } as RequestInit);
    expect(gate.seen[0]?.body).toHaveLength(64 * 4096);
    expect(gate.seen).toHaveLength(1);
  });

  it('bears who asked, as this proxy sees it; what a stranger says about that is dropped', async () => {
    const gate = await echo('gate');
    const front = await startFront(`gate=${gate.origin}`);
    const lies = {
      'x-forwarded-for': '9.9.9.9',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'evil',
      forwarded: 'for=9.9.9.9',
    };

    await fetch(front, { headers: { ...lies, 'x-request-id': 'stolen-request-id', 'x-real-ip': '9.9.9.9' } });
    const headers = gate.seen[0]?.headers ?? {};
    expect(headers).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      host: new URL(front).host,
    });
    expect(Object.keys(headers)).toEqual(expect.not.arrayContaining(['x-forwarded-host', 'forwarded', 'x-real-ip']));
    expect(headers['x-request-id']).not.toBe('stolen-request-id');
  });

  it('bears what a proxy before this one says, if that one is trusted', async () => {
    const gate = await echo('gate');
    const front = await startFront(`gate=${gate.origin}`, { GATEBOOK_TRUSTED_PROXIES: 'loopback' });

    await fetch(front, {
      headers: { 'x-forwarded-for': '9.9.9.9', 'x-forwarded-proto': 'https', 'x-request-id': 'from-outside-1' },
    });
    expect(gate.seen[0]?.headers).toMatchObject({
      'x-forwarded-for': '9.9.9.9, 127.0.0.1',
      'x-forwarded-proto': 'https',
      'x-request-id': 'from-outside-1',
    });
  });

  it('cannot smuggle: what belongs to one connection stays there', async () => {
    const gate = await echo('gate');
    const front = await startFront(`gate=${gate.origin}`);

    const sent = rawRequest(front, {
      headers: { connection: 'x-secret, close', 'x-secret': '1', te: 'trailers', upgrade: 'h2c' },
    });
    await new Promise((resolve) => sent.end().once('response', (answer) => resolve(text(answer))));
    const names = Object.keys(gate.seen[0]?.headers ?? {});
    for (const name of ['x-secret', 'te', 'upgrade']) expect(names).not.toContain(name);
  });

  it('of more than the allowed head, or to no path, is refused', async () => {
    const gate = await echo('gate');
    const front = await startFront(`gate=${gate.origin}`);

    expect((await fetch(front, { headers: { 'x-long': 'a'.repeat(20_000) } })).status).toBe(431);
    expect(await overWire(front, 'GET http://elsewhere.example/ HTTP/1.1\r\nHost: a\r\n\r\n')).toMatch(
      /^HTTP\/1.1 400 .*malformed-url/s,
    );
    expect(gate.seen).toEqual([]);
  });
});

describe('instances of one server', () => {
  it('take turns', async () => {
    const [one, two] = [await echo('one'), await echo('two')];
    const front = await startFront(`gate=${one.origin},gate=${two.origin}`);
    for (let time = 0; time < 6; time += 1) await fetch(`${front}/login`);
    expect([one.seen.length, two.seen.length]).toEqual([3, 3]);
  });

  it.each(['GET', 'POST'])('stand in for one that refuses connections: %s', async (method) => {
    const gate = await echo('gate');
    const front = await startFront(`gate=${await deserted()},gate=${gate.origin}`);
    for (let time = 0; time < 4; time += 1) {
      const answer = await fetch(`${front}/login`, { method, ...(method === 'POST' ? { body: 'once' } : {}) });
      expect(await answer.text()).toBe('gate');
    }
    expect(gate.seen).toHaveLength(4);
  });

  it('that break off are asked again by what only reads, and never by what changes', async () => {
    let asked = 0;
    const broken = await serverThat((request) => {
      asked += 1;
      request.socket.destroy();
    });
    const front = await startFront(`gate=${broken},gate=${broken}`);

    const changed = await fetch(`${front}/login`, { method: 'POST', body: 'a' });
    expect([changed.status, asked]).toEqual([503, 1]);
    expect((await problem(changed)).code).toBe('answer-lost');
    await fetch(`${front}/login`);
    expect(asked).toBe(3);
  });
});

describe('a server that is away', () => {
  it('is answered for with 503, when to come again, and no address', async () => {
    const origin = await deserted();
    const answer = await fetch(`${await startFront(`gate=${origin}`)}/login?secret=1`);
    expect([answer.status, answer.headers.get('retry-after'), answer.headers.get('content-type')]).toEqual([
      503,
      '1',
      'application/problem+json',
    ]);
    const { code, detail } = await problem(answer);
    expect(code).toBe('server-away');
    expect(detail).not.toContain(new URL(origin).port);
  });

  it.each([
    'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8', // Chrome and Firefox
    'text/html',
    'application/json;q=0.5, text/*',
  ])('is answered for with a page when a browser goes there: %s', async (accept) => {
    const origin = await deserted();
    const answer = await fetch(`${await startFront(`gate=${origin}`)}/login?secret=1`, { headers: { accept } });
    const requestId = answer.headers.get('x-request-id') as string;
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
    const shown = await answer.text();
    for (const said of ['<h1>Please try again in a moment</h1>', 'server-away', requestId])
      expect(shown).toContain(said);
    for (const secret of [new URL(origin).port, '127.0.0.1', 'secret']) expect(shown).not.toContain(secret);
  });

  it.each([
    '*/*',
    'application/json',
    'application/json, text/html;q=0.9',
    'text/html;q=0, */*',
    'text/html;q=x',
    ';;,q=',
  ])('is answered for with problem details to software: %s', async (accept) => {
    const answer = await fetch(`${await startFront(`gate=${await deserted()}`)}/login`, { headers: { accept } });
    expect([answer.headers.get('content-type'), answer.headers.get('x-content-type-options')]).toEqual([
      'application/problem+json',
      'nosniff',
    ]);
    expect((await problem(answer)).code).toBe('server-away');
  });

  it('and was never there is 404', async () => {
    const gate = await echo('gate');
    expect((await fetch(`${await startFront(`gate=${gate.origin}`)}/api/v1/findings`)).status).toBe(404);
  });

  it('in the middle of its answer cuts the answer off', async () => {
    const gate = await serverThat((_request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('half', () => response.socket?.destroy());
    });
    const answer = await fetch(`${await startFront(`gate=${gate}`)}/login`);
    await expect(answer.text()).rejects.toThrow();
  });
});

describe('readiness of the whole', () => {
  const saying = (ready: boolean, checks = {}) =>
    serverThat((_request, response) => response.writeHead(ready ? 200 : 503).end(JSON.stringify({ ready, checks })));

  it('names each server, and is good when each has an instance that is ready', async () => {
    const down = await saying(false, { 'read-model': { ready: false }, database: { ready: true } });
    const front = await startFront(`gate=${await saying(true)},audit=${await saying(true)},audit=${down}`);
    const answer = await fetch(`${front}/health/ready`);
    expect([answer.status, await answer.json()]).toEqual([
      200,
      {
        ready: true,
        checks: {
          gate: { ready: true, detail: '1 of 1 ready' },
          audit: { ready: true, detail: '1 of 2 ready: read-model' },
        },
      },
    ]);
  });

  it('is bad when a server is away', async () => {
    const front = await startFront(`gate=${await saying(true)},relay=${await deserted()}`);
    const answer = await fetch(`${front}/health/ready`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({
      checks: { relay: { ready: false, detail: '0 of 1 ready: no answer' } },
    });
    expect((await fetch(`${front}/health/live`)).status).toBe(200);
  });
});

describe('the description of the API', () => {
  const describing = (paths: object, schemas: object) =>
    serverThat((_request, response) =>
      response.end(
        JSON.stringify({ openapi: '3.0.0', info: {}, paths, tags: [{ name: 'operations' }], components: { schemas } }),
      ),
    );

  it('is joined from those of the servers, each path from its home', async () => {
    const gate = await describing(
      { '/login': { get: { from: 'gate' } }, '/health/live': { get: { from: 'gate' } } },
      { A: {} },
    );
    const audit = await describing({ '/api/v1/events': {}, '/health/live': { get: { from: 'audit' } } }, { B: {} });
    const front = await startFront(`gate=${gate},audit=${audit}`);
    const joined = await (await fetch(`${front}/openapi.json`)).json();
    expect(joined).toMatchObject({
      paths: { '/login': {}, '/api/v1/events': {}, '/health/live': { get: { from: 'gate' } } },
      components: { schemas: { A: {}, B: {} } },
      tags: [{ name: 'operations' }],
    });
  });

  it('is not given by half', async () => {
    const front = await startFront(`gate=${await describing({}, {})},audit=${await deserted()}`);
    expect((await fetch(`${front}/openapi.json`)).status).toBe(503);
  });
});

it('the front counts what it passed on, by server and never by path', async () => {
  const front = await startFront(`gate=${(await echo('gate')).origin}`);
  await (await fetch(`${front}/setup/secret-token`)).text();
  const shown = await (await fetch(`${front}/metrics`)).text();
  expect(shown).toContain('gatebook_front_requests_total{server="gate",status="2xx"} 1');
  expect(shown).not.toContain('secret-token');
});

function overWire(origin: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  socket.end(bytes);
  return text(socket);
}
