import type { Server } from 'node:http';
import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Environment } from '../environment/environment.js';
import { frameworkLog } from '../logging/framework-log.js';
import { createLog, type Log } from '../logging/log.js';
import { Metrics } from '../metrics/metrics.js';
import { type AuthenticatorsFactory, platformModule } from '../platform.module.js';
import { Tracing } from '../tracing/tracing.js';
import { closeWhenDraining } from './connection-drain.js';
import { refuseUnreadableAddress } from './readable-address.js';
import { giveRequestId } from './request-id.js';
import { limitRequests } from './request-limit.js';
import { securityHeaders } from './security-headers.js';

/** Longest time for a request to arrive whole, and for its headers alone, in milliseconds. */
const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 10_000;

/** A server's own module. */
export type RootModule = Type | DynamicModule | Promise<DynamicModule>;

/** What a server may choose. */
export interface HttpAppOptions {
  /** Default: one made for the environment's level. */
  readonly log?: Log;
  /** How callers are known. Default: the administrator key alone. */
  readonly authenticators?: AuthenticatorsFactory | undefined;
  /** Name of the server among the services of an installation, for traces. Default: gatebook. */
  readonly name?: string | undefined;
  /** Default: as the environment says. */
  readonly tracing?: Tracing | undefined;
}

@Module({})
class HttpServerModule {}

/**
 * Makes a server of Gatebook around its root module, with everything that all of them share; it does not listen yet.
 * Start errors are thrown, never an exit of the process.
 */
export async function createHttpApp(
  root: RootModule,
  environment: Environment,
  { log = createLog({ level: environment.logLevel }), authenticators, name, tracing }: HttpAppOptions = {},
): Promise<NestExpressApplication> {
  const platform = platformModule({ environment, log, authenticators, name, tracing });
  const whole: DynamicModule = { module: HttpServerModule, imports: [platform, await root] };
  const app = await NestFactory.create<NestExpressApplication>(whole, {
    bodyParser: false,
    abortOnError: false,
    logger: frameworkLog(log),
  });
  configureExpress(app, environment);
  return app;
}

function configureExpress(app: NestExpressApplication, environment: Environment): void {
  const server = app.getHttpServer() as Server;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  app
    .disable('x-powered-by')
    .disable('etag')
    .set('query parser', 'simple')
    .set('trust proxy', [...environment.trustedProxies]);
  app.use(
    giveRequestId,
    app.get(Metrics).timeRequest,
    app.get(Tracing).traceRequest,
    securityHeaders(environment.publicUrl),
    limitRequests(),
    closeWhenDraining(server),
    refuseUnreadableAddress,
  );
}
