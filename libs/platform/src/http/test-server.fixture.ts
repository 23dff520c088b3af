import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { type DynamicModule, Module, type Type } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { CSRF_KEY } from '../auth/csrf.js';
import { type Environment, readEnvironment } from '../environment/environment.js';
import { createLog } from '../logging/log.js';
import type { AuthenticatorsFactory } from '../platform.module.js';
import type { Tracing } from '../tracing/tracing.js';
import { createHttpApp } from './create-http-app.js';

/** The administrator key of test servers. */
export const ADMIN_KEY = 'a-key-for-tests-of-some-length';

/** What a test server consists of. */
export interface TestServerOptions {
  readonly controllers: Type[];
  readonly providers?: DynamicModule['providers'];
  readonly csrfKey?: Buffer;
  readonly authenticators?: AuthenticatorsFactory;
  readonly environment?: Partial<Environment>;
  readonly tracing?: Tracing;
  readonly beforeListen?: (app: NestExpressApplication) => void;
}

/** A server of its own on a free port of loopback, with everything it has logged. */
export interface TestServer {
  readonly app: NestExpressApplication;
  readonly url: string;
  readonly logged: string[];
  /** Requests a path with the administrator key, unless the headers say otherwise. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** Posts JSON. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  close(): Promise<void>;
}

@Module({})
class TestServerModule {}

@Module({})
class TestEngineModule {}

/** Starts a server from controllers. For specs only. */
export async function startTestServer(options: TestServerOptions): Promise<TestServer> {
  const logged: string[] = [];
  const log = createLog({ level: 'info', readable: false, destination: into(logged) });
  const environment = { ...readEnvironment({ GATEBOOK_ADMIN_KEY: ADMIN_KEY }), ...options.environment };
  const csrfKey = options.csrfKey ? [{ provide: CSRF_KEY, useValue: options.csrfKey }] : [];
  const engine = { module: TestEngineModule, global: true, providers: csrfKey, exports: csrfKey };
  const root = {
    module: TestServerModule,
    imports: [engine],
    controllers: options.controllers,
    providers: options.providers ?? [],
  };
  const app = await createHttpApp(root, environment, {
    log,
    authenticators: options.authenticators,
    tracing: options.tracing,
  });
  options.beforeListen?.(app);
  await app.listen(0, '127.0.0.1');
  const url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${url}${path}`, {
      redirect: 'manual',
      ...init,
      headers: { authorization: `Bearer ${ADMIN_KEY}`, ...(init.headers as Record<string, string>) },
    });
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    ask(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
  return { app, url, logged, ask, post, close: () => app.close() };
}

/** A stream that keeps what is written. */
function into(lines: string[]): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
}
