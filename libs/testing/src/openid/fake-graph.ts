import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A fake of the two endpoints that a group look-up needs: Entra's token endpoint and Graph's getMemberObjects. For tests only. */
export interface FakeGraph {
  readonly loginUrl: string;
  readonly graphUrl: string;
  readonly calls: readonly string[];
  /** Groups that it answers, page by page. */
  pages: readonly (readonly string[])[];
  /** Where it says that the next page is; undefined: at its own address. */
  nextLink: string | undefined;
  /** Answers Graph with this status instead. */
  status: number | undefined;
  /** Takes none of the tokens given so far any longer. */
  forgetTokens(): void;
  close(): Promise<void>;
}

/** Starts it on a free port of the loopback interface. It knows one application: `graph-client`, `graph-secret`. */
export async function startFakeGraph(): Promise<FakeGraph> {
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const calls: string[] = [];
  let tokens = 0;
  let valid = new Set<string>();

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', origin);
    calls.push(`${request.method} ${url.pathname}${url.search}`);
    let body = '';
    for await (const chunk of request) body += String(chunk);
    if (url.pathname.endsWith('/oauth2/v2.0/token')) return token(new URLSearchParams(body), response);
    if (!valid.has(request.headers.authorization ?? '')) return send(response, 401, {});
    if (fake.status) return send(response, fake.status, {});
    return page(Number(url.searchParams.get('page') ?? '0'), url.pathname, response);
  }

  function token(body: URLSearchParams, response: ServerResponse): void {
    const known = body.get('client_id') === 'graph-client' && body.get('client_secret') === 'graph-secret';
    const may = known && body.get('grant_type') === 'client_credentials';
    if (may) tokens += 1;
    if (may) valid.add(`Bearer graph-token-${tokens}`);
    if (!may) send(response, 401, { error: 'invalid_client' });
    else send(response, 200, { access_token: `graph-token-${tokens}`, token_type: 'Bearer', expires_in: 3600 });
  }

  function page(number: number, path: string, response: ServerResponse): void {
    const more = number + 1 < fake.pages.length;
    const link = fake.nextLink ?? `${origin}${path}?page=${number + 1}`;
    send(response, 200, { value: fake.pages[number] ?? [], ...(more ? { '@odata.nextLink': link } : {}) });
  }

  const fake: FakeGraph = {
    loginUrl: `${origin}/login`,
    graphUrl: `${origin}/v1.0`,
    calls,
    pages: [[]],
    nextLink: undefined,
    status: undefined,
    forgetTokens: () => {
      valid = new Set();
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
  return fake;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
