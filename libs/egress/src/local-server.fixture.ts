import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createIdentityProviderKey } from '#libs/saml-idp';

/** The name that the certificate of a secure server is for. */
export const SERVER_NAME = 'server.example';

/** A real server on loopback, and what it was asked. */
export interface LocalServer {
  readonly port: number;
  /** Method and path of every request, in order. */
  readonly asked: string[];
  /** Certificate of a secure server, PEM: its own authority. */
  readonly ca: string;
  close(): Promise<void>;
}

/** Where a server listens, always on loopback; by default 127.0.0.1 and a free port. */
export interface Place {
  readonly host: `127.${string}`;
  readonly port?: number;
}

/** Starts a server that answers as it is told. */
export async function serve(answer: RequestListener, place?: Place): Promise<LocalServer> {
  return listening((listener) => createServer(listener), answer, '', place);
}

/** Starts a server that speaks TLS as {@link SERVER_NAME}. */
export async function serveSecurely(answer: RequestListener): Promise<LocalServer> {
  const { privateKeyPem, certificatePem } = await createIdentityProviderKey({
    commonName: SERVER_NAME,
    now: new Date(),
  });
  const secure = (listener: RequestListener) =>
    createSecureServer({ key: privateKeyPem, cert: certificatePem }, listener);
  return listening(secure, answer, certificatePem);
}

async function listening(
  make: (listener: RequestListener) => Server,
  answer: RequestListener,
  ca: string,
  { host, port = 0 }: Place = { host: '127.0.0.1' },
): Promise<LocalServer> {
  const asked: string[] = [];
  const server = make((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(port, host, resolve);
  await promise;
  const close = () => {
    const closed = Promise.withResolvers<void>();
    server.close(() => closed.resolve());
    server.closeAllConnections();
    return closed.promise;
  };
  return { port: (server.address() as AddressInfo).port, asked, ca, close };
}
