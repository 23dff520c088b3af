import { Logger } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Database } from '#libs/database';
import { DATABASE } from '../engine/tokens.js';
import { type Environment, readEnvironment } from '../environment/environment.js';
import { isLoopback } from '../environment/network-address.js';
import { createHttpApp, type RootModule } from '../http/create-http-app.js';
import { describeError } from '../logging/describe-error.js';
import { createLog, type Log } from '../logging/log.js';
import { type OpenApiOptions, setUpOpenApi } from '../openapi/set-up-open-api.js';
import type { AuthenticatorsFactory } from '../platform.module.js';
import { startFailure } from './start-failure.js';

/** Exit codes of a server: a start that failed, and an impatient second signal. */
const EXIT_REFUSED = 1;
const EXIT_IMPATIENT = 130;

/** A server of Gatebook as its `main.ts` describes it. */
export interface ServerSpec {
  /** Its root module, which imports the `EngineModule` if it needs one. May refuse the environment by throwing. */
  readonly root: (environment: Environment, log: Log) => RootModule;
  /** Name of the server among the services of an installation, for traces. Default: gatebook. */
  readonly name?: string;
  readonly openApi?: OpenApiOptions;
  /** How callers are known. Default: the administrator key alone. */
  readonly authenticators?: AuthenticatorsFactory;
  /** Last touches before the server listens. */
  readonly prepare?: (app: NestExpressApplication, environment: Environment) => void | Promise<void>;
  /** Called once the server listens: prints what a person wants to know first. */
  readonly onListening?: (app: NestExpressApplication, environment: Environment) => void | Promise<void>;
}

/** A server that listens. */
export interface RunningServer {
  readonly app: NestExpressApplication;
  /** Address on this machine, also where the public one is another. */
  readonly localUrl: string;
  /** Drains requests under way (at most ten seconds), then closes everything. */
  close(): Promise<void>;
}

/**
 * Starts a server; whatever fails on the way, nothing stays open.
 * @throws whatever the root module, the engine or the port refuses
 */
export async function startServer(spec: ServerSpec, environment: Environment, log: Log): Promise<RunningServer> {
  for (const warning of environment.warnings) log.warn(warning);
  const app = await createHttpApp(spec.root(environment, log), environment, {
    log,
    authenticators: spec.authenticators,
    name: spec.name,
  });
  try {
    await spec.prepare?.(app, environment);
    if (spec.openApi) setUpOpenApi(app, spec.openApi);
    await app.listen(environment.port, environment.host);
    const localUrl = localUrlOf(environment);
    recordUrl(app, localUrl);
    log.info({ url: environment.publicUrl, localUrl }, 'listening');
    await spec.onListening?.(app, environment);
    return { app, localUrl, close: () => app.close() };
  } catch (error) {
    await app.close();
    throw error;
  }
}

/**
 * Runs a server as the process: reads the environment, starts, and ends on SIGTERM or SIGINT with code 0. A start that is refused
 * prints why and what to do, and ends with code 1.
 */
export async function runServer(spec: ServerSpec, env: NodeJS.ProcessEnv = process.env): Promise<void> {
  let environment: Environment | undefined;
  try {
    environment = readEnvironment(env);
    const server = await startServer(spec, environment, createLog({ level: environment.logLevel }));
    endOnSignals(server);
  } catch (error) {
    const reason =
      startFailure(error, environment) ?? `Gatebook could not start: ${JSON.stringify(describeError(error), null, 2)}`;
    process.stderr.write(`${reason}\n`);
    process.exit(EXIT_REFUSED);
  }
}

/** The first signal ends the server gently, a second one at once. */
function endOnSignals(server: RunningServer): void {
  let ending = false;
  const end = (signal: string) => {
    if (ending) process.exit(EXIT_IMPATIENT);
    ending = true;
    new Logger('server').log(`${signal}: finishing requests under way, then closing`);
    server.close().then(
      () => process.exit(0),
      () => process.exit(EXIT_REFUSED),
    );
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
}

/** Commands on this machine find the server by it. */
function recordUrl(app: NestExpressApplication, localUrl: string): void {
  const database = optional<Database>(app, DATABASE);
  database?.recordServerUrl(localUrl);
}

function optional<T>(app: NestExpressApplication, token: symbol): T | undefined {
  try {
    return app.get<T>(token, { strict: false });
  } catch {
    return undefined; // a server without an engine
  }
}

function localUrlOf({ host, port }: Environment): string {
  const reachable = isLoopback(host) ? host : /^(0\.0\.0\.0|::)$/.test(host) ? '127.0.0.1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}
