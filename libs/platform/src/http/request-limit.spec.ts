/** Requests beyond what the server can work on are turned away at once, and the server recovers. */
import { Controller, Get } from '@nestjs/common';
import { Public } from '../auth/access.decorators.js';
import { REQUESTS_AT_A_TIME_MAX } from './request-limit.js';
import { startTestServer, type TestServer } from './test-server.fixture.js';

let answerAll: () => void;
let waiting: Promise<void>;

@Controller('slow')
class SlowController {
  @Get() @Public() async wait() {
    await waiting;
    return { done: true };
  }
}

let server: TestServer;
beforeEach(async () => {
  ({ promise: waiting, resolve: answerAll } = Promise.withResolvers<void>());
  server = await startTestServer({ controllers: [SlowController] });
});
afterEach(() => {
  answerAll();
  return server.close();
});

describe('a server with too many requests under way', () => {
  it('refuses further ones with 503 and Retry-After, and answers all that it took', async () => {
    const over = 40;
    const refused: Response[] = [];
    const answered: Response[] = [];
    const all = Array.from({ length: REQUESTS_AT_A_TIME_MAX + over }, async () => {
      const response = await fetch(`${server.url}/slow`);
      (response.status === 503 ? refused : answered).push(response);
      if (refused.length === over) answerAll();
    });
    await Promise.all(all);
    expect([answered.length, refused.length]).toEqual([REQUESTS_AT_A_TIME_MAX, over]);
    expect(await refused[0]?.json()).toMatchObject({ code: 'server-busy', status: 503 });
    expect(refused.every(({ headers }) => Number(headers.get('retry-after')) >= 1)).toBe(true);
    expect((await fetch(`${server.url}/slow`)).status).toBe(200);
  });

  it('keeps a quarter of the places free of any one network', async () => {
    await server.close();
    server = await startTestServer({ controllers: [SlowController], environment: { trustedProxies: ['loopback'] } });
    const from = (address: string) => fetch(`${server.url}/slow`, { headers: { 'x-forwarded-for': address } });
    const share = (REQUESTS_AT_A_TIME_MAX * 3) / 4;
    const taken = Array.from({ length: share + 1 }, () => from('2001:db8::7'));
    expect((await Promise.race(taken)).status).toBe(503);
    const other = from('192.0.2.9');
    answerAll();
    expect((await other).status).toBe(200);
    expect((await Promise.all(taken)).filter(({ status }) => status === 200)).toHaveLength(share);
  });

  it('still tells operators how it is', async () => {
    const taken = Array.from({ length: REQUESTS_AT_A_TIME_MAX + 1 }, () => fetch(`${server.url}/slow`));
    expect((await Promise.race(taken)).status).toBe(503);
    expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
    expect((await fetch(`${server.url}/health/ready`)).status).toBe(200);
    expect((await fetch(`${server.url}/metrics`)).status).toBe(200);
    answerAll();
    await Promise.all(taken);
  });

  it('has room again when callers go away', async () => {
    const leaving = new AbortController();
    const taken = Array.from({ length: REQUESTS_AT_A_TIME_MAX }, () =>
      fetch(`${server.url}/slow`, { signal: leaving.signal }).catch(() => null),
    );
    let refused = 0;
    while (refused === 0)
      refused =
        (await fetch(`${server.url}/slow`, { signal: AbortSignal.timeout(500) }).catch(() => null))?.status ?? 0;
    expect(refused).toBe(503);
    leaving.abort();
    await Promise.all(taken);
    answerAll();
    let status = 503;
    for (let tries = 0; status === 503 && tries < 100; tries += 1) ({ status } = await fetch(`${server.url}/slow`));
    expect(status).toBe(200);
  });
});
