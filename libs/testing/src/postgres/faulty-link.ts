import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';
import { join } from 'node:path';

const POSTGRES_PORT = 5432;

/** A network between a program and its PostgreSQL that can be made to fail. */
export interface FaultyLink {
  /** The same database, reached through the link. */
  readonly url: string;
  /** Nothing passes any more and nobody is told, as when a machine is gone; new connections are accepted and hear nothing. */
  stall(): void;
  /** Lets everything that was held back pass. */
  resume(): void;
  /** Breaks every connection. */
  cut(): void;
  close(): Promise<void>;
}

/** Opens a link on loopback to the PostgreSQL at `url`. For tests. */
export async function openFaultyLink(url: string): Promise<FaultyLink> {
  const sockets = new Set<Socket>();
  let stalled = false;
  const server = createServer((client) => {
    const far = dial(placeOf(url));
    for (const socket of [client, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        far.destroy();
      });
    }
    client.pipe(far);
    far.pipe(client);
    if (stalled) for (const socket of [client, far]) hold(socket);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: through(url, (server.address() as AddressInfo).port),
    stall() {
      stalled = true;
      for (const socket of sockets) hold(socket);
    },
    resume() {
      stalled = false;
      for (const socket of sockets) socket.resume();
    },
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** A paused source stays paused although it is piped, until it is resumed. */
function hold(socket: Socket): void {
  socket.pause();
}

/** A folder as `host` means a unix socket in it. */
function placeOf(url: string): { path: string } | { host: string; port: number } {
  const { hostname, port, searchParams } = new URL(url);
  const folder = searchParams.get('host');
  const number = Number(port) || POSTGRES_PORT;
  return folder ? { path: join(folder, `.s.PGSQL.${number}`) } : { host: hostname, port: number };
}

function through(url: string, port: number): string {
  const link = new URL(url);
  link.searchParams.delete('host');
  link.hostname = '127.0.0.1';
  link.port = String(port);
  return link.href;
}
