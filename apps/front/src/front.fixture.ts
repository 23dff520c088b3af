import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLog } from '#libs/platform';
import { createFront } from './front.js';
import { readFrontSettings } from './front.settings.js';

/** What a server behind the front has seen. */
export interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A server behind the front that repeats what it got. */
export interface EchoServer {
  readonly origin: string;
  readonly seen: readonly Seen[];
}

const open: Server[] = [];

/** Listens on a free port of loopback until `closeAll`. */
export async function listen(server: Server): Promise<string> {
  open.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server that does as told. */
export const serverThat = (does: RequestListener): Promise<string> => listen(createServer(does));

/** A server that answers with its name and remembers what it was asked. */
export async function echo(name: string): Promise<EchoServer> {
  const seen: Seen[] = [];
  const origin = await serverThat(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method, url, headers } = request;
    seen.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
    response.setHeader('Set-Cookie', ['a=1', 'b=2']);
    response.end(name);
  });
  return { origin, seen };
}

/** The origin of a port at which nobody listens. */
export async function deserted(): Promise<string> {
  const server = createServer();
  const origin = await listen(server);
  server.close();
  await once(server, 'close');
  return origin;
}

/** A front before these servers. */
export function startFront(upstreams: string, settings: Record<string, string> = {}): Promise<string> {
  const read = readFrontSettings({ GATEBOOK_UPSTREAMS: upstreams, ...settings });
  return listen(createFront(read, createLog({ level: 'silent' })));
}

/** Ends every server of the test. */
export async function closeAll(): Promise<void> {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  }
}
