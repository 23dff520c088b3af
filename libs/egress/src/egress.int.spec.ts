/**
 * The guard against real servers on loopback. Goal: nothing leaves for where it may not, and no answer costs more than its limit.
 * Nothing here may be permitted to an address beyond loopback, since it would be connected to; such rules are tested at `locate`, which cannot.
 */
import type { RequestListener, ServerResponse } from 'node:http';
import { isIP, Socket } from 'node:net';
import type { EgressError } from './egress.errors.js';
import { type EgressOptions, egress } from './egress.js';
import { type LocalServer, SERVER_NAME, serve, serveSecurely } from './local-server.fixture.js';

const LOOPBACK = ['127.0.0.1'];
const servers: LocalServer[] = [];
const started = async (server: Promise<LocalServer>) => {
  servers.push(await server);
  return server;
};
const plain = (answer: RequestListener = hello) => started(serve(answer));
const secure = (answer: RequestListener = hello) => started(serveSecurely(answer));
const hello: RequestListener = (_, response) => void response.end('hello');
const redirectTo =
  (location: string, status = 302): RequestListener =>
  (_, response) =>
    void response.writeHead(status, { location }).end();

/** Every name leads to loopback unless the test says otherwise; a test never asks a real name server. */
const guard = (options: Partial<EgressOptions> = {}) =>
  egress({ allow: [], resolve: async () => ['127.0.0.1'], ...options });
const refusal = async (answer: Promise<unknown>) =>
  ((await answer.catch((error: unknown) => error)) as EgressError | undefined)?.code;

/** Were the guard broken, its test must fail here rather than knock at somebody's door. */
const { connect } = Socket.prototype;
const onLoopbackOnly = function (this: Socket, ...given: Parameters<typeof connect>): Socket {
  const [options] = [given[0]].flat() as unknown as [{ host?: string }];
  if (isIP(options.host ?? '') && !options.host?.startsWith('127.'))
    throw new Error('A test connects beyond loopback.');
  return Reflect.apply(connect, this, given) as Socket;
};
beforeAll(() => {
  Socket.prototype.connect = onLoopbackOnly as typeof connect;
});
afterAll(() => {
  Socket.prototype.connect = connect;
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

describe('a request that the operator permits', () => {
  it('goes out as it was written, and its answer comes back as fetch would give it', async () => {
    const bodies: string[] = [];
    const { port } = await plain((request, response) => {
      request.on('data', (chunk: Buffer) => bodies.push(`${request.headers['content-type']} ${chunk.toString()}`));
      request.on('end', () =>
        response.writeHead(201, { 'content-type': 'application/json', 'set-cookie': ['a=1', 'b=2'] }).end('{"ok":1}'),
      );
    });
    const { fetch } = guard({ allow: LOOPBACK });
    const response = await fetch(`http://127.0.0.1:${port}/token`, {
      method: 'POST',
      body: new URLSearchParams({ a: 'b c' }),
    });
    expect([response.status, response.url]).toEqual([201, `http://127.0.0.1:${port}/token`]);
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await response.json()).toEqual({ ok: 1 });
    expect(bodies).toEqual(['application/x-www-form-urlencoded;charset=UTF-8 a=b+c']);
  });

  it.each<[string, (port: number) => string[]]>([
    ['its name', () => ['idp.corp']],
    ['its name and port', (port) => [`idp.corp:${port}`]],
    ['its address', () => ['127.0.0.1']],
    ['its network', () => ['127.0.0.0/8']],
  ])('may be permitted by %s', async (_, allow) => {
    const { port, asked } = await plain();
    expect(await (await guard({ allow: allow(port) }).fetch(`http://idp.corp:${port}/a?b=c`)).text()).toBe('hello');
    expect(asked).toEqual(['GET /a?b=c']);
    expect(await refusal(guard().fetch(`http://idp.corp:${port}/a`))).toBe('egress-address-refused');
    expect(asked).toHaveLength(1);
  });

  it('by TLS is answered only by the server that the name belongs to', async () => {
    const { port, ca } = await secure();
    const { fetch } = guard({ allow: LOOPBACK, ca: [ca] });
    expect(await (await fetch(`https://${SERVER_NAME}:${port}/`)).text()).toBe('hello');
    expect(await refusal(fetch(`https://other.example:${port}/`))).toBe('egress-unreachable');
    expect(await refusal(guard({ allow: LOOPBACK }).fetch(`https://${SERVER_NAME}:${port}/`))).toBe(
      'egress-unreachable',
    );
  });

  it('takes a Request, a HEAD, and an answer without a body', async () => {
    const { port } = await plain(
      (request, response) => void response.writeHead(request.method === 'HEAD' ? 200 : 204).end(),
    );
    const { fetch } = guard({ allow: LOOPBACK });
    expect((await fetch(new Request(`http://127.0.0.1:${port}/`))).status).toBe(204);
    const head = await fetch(new URL(`http://127.0.0.1:${port}/`), { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });
});

describe('a request to inside', () => {
  it.each([
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://10.0.0.5/',
    'https://192.168.1.1:8443/',
    'https://169.254.169.254/latest/meta-data/',
    'https://[fe80::1]/',
    'https://[fd00:ec2::254]/',
    'https://0.0.0.0/',
    'https://224.0.0.1/',
    'https://idp.attacker.example/',
    'https://localhost/',
    'https://localhost./',
    'http://127.0.0.1/',
  ])('is refused: %s', async (url) => expect(await refusal(guard().fetch(url))).toBe('egress-address-refused'));

  it('is refused by the real resolver too', async () => {
    expect(await refusal(egress({ allow: [] }).fetch('https://localhost:8443/'))).toBe('egress-address-refused');
  });

  it('says what to do, and no address that the name led to', async () => {
    const message = await guard()
      .fetch('https://idp.corp/secret?token=abc')
      .catch((error: Error) => error.message);
    expect(message).toBe(
      'The host idp.corp leads to a private, local or reserved address. If that is meant, add the host, its address or its network to GATEBOOK_EGRESS_ALLOW.',
    );
  });
});

describe('a name that changes its address between check and use', () => {
  const INSIDE = '127.0.0.2';
  const rebinding = () => {
    const answers = ['127.0.0.1', INSIDE];
    const asked: string[] = [];
    return { asked, resolve: async (host: string) => [answers[Math.min(asked.push(host), answers.length) - 1] ?? ''] };
  };

  it('is asked for once, and the connection goes to the address that was checked', async () => {
    const outside = await plain((_, response) => void response.end('outside'));
    const inside = await started(serve(hello, { host: INSIDE, port: outside.port }));
    const { resolve, asked } = rebinding();
    const { fetch } = guard({ resolve, allow: LOOPBACK });
    const url = `http://rebinding.example:${outside.port}/`;
    expect(await (await fetch(url)).text()).toBe('outside');
    expect(asked).toEqual(['rebinding.example']);
    expect(await refusal(fetch(url))).toBe('egress-address-refused');
    expect(inside.asked).toEqual([]);
  });

  it('would reach the inside if it were looked up again at the connection', async () => {
    const inside = await started(serve(hello, { host: INSIDE }));
    const { resolve } = rebinding();
    const [checked] = await resolve('rebinding.example');
    const [used] = await resolve('rebinding.example');
    expect(checked).toBe('127.0.0.1');
    await globalThis.fetch(`http://${used}:${inside.port}/inside`);
    expect(inside.asked).toEqual(['GET /inside']);
  });
});

describe('a redirect', () => {
  it('is handed back as it is unless it is to be followed', async () => {
    const { port, asked } = await plain(redirectTo('/next'));
    const { fetch } = guard({ allow: LOOPBACK });
    for (const init of [{}, { redirect: 'manual' as const }]) {
      const response = await fetch(`http://127.0.0.1:${port}/`, init);
      expect([response.status, response.headers.get('location')]).toEqual([302, '/next']);
    }
    expect(await refusal(fetch(`http://127.0.0.1:${port}/`, { redirect: 'error' }))).toBe('egress-redirect-refused');
    expect(asked).toEqual(['GET /', 'GET /', 'GET /']);
  });

  it('is followed three times when asked for, and no further', async () => {
    const countdown: RequestListener = ({ url }, response) => {
      const left = Number(url?.slice(1));
      if (left > 0) redirectTo(`/${left - 1}`)({} as never, response as never);
      else response.end('there');
    };
    const { port } = await plain(countdown);
    const { fetch } = guard({ allow: LOOPBACK });
    const get = (left: number) => fetch(`http://127.0.0.1:${port}/${left}`, { redirect: 'follow' });
    const response = await get(3);
    expect([await response.text(), response.url]).toEqual(['there', `http://127.0.0.1:${port}/0`]);
    expect(await refusal(get(4))).toBe('egress-redirect-refused');
  });

  it.each([
    ['http://169.254.169.254/latest/meta-data/', 'egress-address-refused'],
    ['http://10.0.0.1/', 'egress-address-refused'],
    ['//[::1]/', 'egress-address-refused'],
    ['http://user:secret@127.0.0.1/', 'egress-url-refused'],
    ['file:///etc/passwd', 'egress-url-refused'],
    ['https://', 'egress-url-refused'],
  ])('to %s is refused like a first request', async (location, code) => {
    const { port } = await plain(redirectTo(location));
    const { fetch } = guard({ allow: LOOPBACK });
    expect(await refusal(fetch(`http://127.0.0.1:${port}/`, { redirect: 'follow' }))).toBe(code);
  });

  it('from https to http is refused, even to a host that http is permitted to', async () => {
    const inside = await plain();
    const { port, ca } = await secure(redirectTo(`http://127.0.0.1:${inside.port}/`));
    const { fetch } = guard({ allow: LOOPBACK, ca: [ca] });
    expect(await refusal(fetch(`https://${SERVER_NAME}:${port}/`, { redirect: 'follow' }))).toBe(
      'egress-redirect-refused',
    );
    expect(inside.asked).toEqual([]);
  });

  it('takes neither credentials nor a body to another server', async () => {
    const seen: unknown[] = [];
    const other = await plain(({ headers }, response) => {
      seen.push(headers.authorization, headers.cookie);
      response.end();
    });
    const first = await plain(redirectTo(`http://127.0.0.1:${other.port}/`, 307));
    const { fetch } = guard({ allow: LOOPBACK });
    const url = `http://127.0.0.1:${first.port}/`;
    await fetch(url, { redirect: 'follow', headers: { authorization: 'Bearer x', cookie: 'a=b' } });
    expect(seen).toEqual([undefined, undefined]);
    expect(await refusal(fetch(url, { redirect: 'follow', method: 'POST', body: 'secret' }))).toBe(
      'egress-redirect-refused',
    );
    expect(other.asked).toEqual(['GET /']);
  });

  it('repeats a POST on the same server only where the status says so', async () => {
    const { port, asked } = await plain(({ url }, response) => {
      if (url === '/done') response.end();
      else redirectTo('/done', Number(url?.slice(1)))({} as never, response as never);
    });
    const { fetch } = guard({ allow: LOOPBACK });
    for (const status of [302, 303, 307, 308])
      await fetch(`http://127.0.0.1:${port}/${status}`, { redirect: 'follow', method: 'POST', body: 'x' });
    expect(asked.filter((line) => line.endsWith('/done'))).toEqual([
      'GET /done',
      'GET /done',
      'POST /done',
      'POST /done',
    ]);
  });
});

describe('an answer', () => {
  const get = async (answer: RequestListener, options: Partial<EgressOptions> = {}) => {
    const { port } = await plain(answer);
    return guard({ allow: LOOPBACK, ...options }).fetch(`http://127.0.0.1:${port}/`);
  };
  const endless = (response: ServerResponse) => {
    const more = () => {
      while (response.write('x'.repeat(65_536))) if (response.destroyed) return;
      response.once('drain', more);
    };
    more();
  };

  it('may have as many bytes as the limit, and not one more', async () => {
    const answer: RequestListener = (_, response) => void response.end('x'.repeat(1_000));
    expect(await (await get(answer, { maxBytes: 1_000 })).text()).toHaveLength(1_000);
    expect(await refusal(get(answer, { maxBytes: 999 }))).toBe('egress-too-large');
  });

  it('without end is cut off', async () => {
    expect(await refusal(get((_, response) => endless(response)))).toBe('egress-too-large');
  });

  it('with more headers than the limit is refused', async () => {
    expect(await refusal(get((_, response) => void response.setHeader('a', 'x'.repeat(17_000)).end()))).toBe(
      'egress-too-large',
    );
  });

  it.each<[string, RequestListener]>([
    ['never comes', () => {}],
    ['stops after its headers', (_, response) => void response.flushHeaders()],
    [
      'drips',
      (_, response) => {
        const timer = setInterval(() => response.write('x'), 10);
        response.on('close', () => clearInterval(timer));
      },
    ],
  ])('that %s is given up after the time limit', async (_, answer) => {
    expect(await refusal(get(answer, { timeoutMs: 150 }))).toBe('egress-timeout');
  });

  it('that breaks off is no answer', async () => {
    expect(
      await refusal(
        get(
          (_, response) => void response.writeHead(200, { 'content-length': 10 }).write('x', () => response.destroy()),
        ),
      ),
    ).toBe('egress-unreachable');
  });

  it('in a compressed form that was not asked for is not guessed at', async () => {
    expect(await refusal(get((_, response) => void response.setHeader('content-encoding', 'gzip').end('bomb')))).toBe(
      'egress-unreachable',
    );
  });
});

describe('a call', () => {
  it("ends when its caller says so, with the caller's reason", async () => {
    const { port } = await plain(() => {});
    const caller = new AbortController();
    const call = guard({ allow: LOOPBACK }).fetch(`http://127.0.0.1:${port}/`, { signal: caller.signal });
    caller.abort(new Error('gone'));
    await expect(call).rejects.toThrow('gone');
  });

  it('that was given up before it began sends nothing', async () => {
    const { port, asked } = await plain();
    const call = guard({ allow: LOOPBACK }).fetch(`http://127.0.0.1:${port}/`, {
      signal: AbortSignal.abort(new Error('gone')),
    });
    await expect(call).rejects.toThrow('gone');
    expect(asked).toEqual([]);
  });

  it('of these tests could not leave this machine', () => {
    expect(() => new Socket().connect({ host: '192.0.2.1', port: 443 })).toThrow('beyond loopback');
  });

  it('does not wait longer than its limit for a name', async () => {
    const never = () => new Promise<string[]>(() => {});
    expect(await refusal(guard({ resolve: never, timeoutMs: 50 }).fetch('https://slow.example/'))).toBe(
      'egress-timeout',
    );
  });

  it('goes past a proxy that the environment names', async () => {
    const before = { ...process.env };
    const proxy = await plain();
    Object.assign(process.env, { HTTP_PROXY: `http://127.0.0.1:${proxy.port}`, NODE_USE_ENV_PROXY: '1' });
    const { port, asked } = await plain();
    await guard({ allow: LOOPBACK }).fetch(`http://127.0.0.1:${port}/direct`);
    process.env = before;
    expect([asked, proxy.asked]).toEqual([['GET /direct'], []]);
  });
});
