import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { allAuthenticators } from '../auth/authenticators.js';
import { EngineModule } from '../engine/engine.module.js';
import { requireSharedDatabase } from '../engine/shared-database.js';
import { SOFTWARE_VERSION } from '../engine/software-version.js';
import type { Environment } from '../environment/environment.js';
import type { Log } from '../logging/log.js';
import { runServer } from './run-server.js';

/** An app that runs as a process of its own, beside others on the same database. */
export interface OwnProcess {
  /** Name of the app. */
  readonly app: string;
  readonly module: Type;
  /** Whether it decides: see `EngineModuleOptions`. */
  readonly decides: boolean;
  /** Whether it publishes to Kafka or reads from it: see `EngineOptions.usesKafka`. Default false. */
  readonly usesKafka?: boolean;
  /** Whether it serves an API; otherwise it answers only health and metrics. */
  readonly serves: boolean;
}

@Module({})
class OwnProcessModule {}

/** Runs one app as the process, over a database that it shares with the others: without `DATABASE_URL` the start is refused. */
export function runOwnProcess({ app, module, decides, usesKafka = false, serves }: OwnProcess): Promise<void> {
  const root = (environment: Environment, log: Log): DynamicModule => {
    requireSharedDatabase(environment, app);
    const engine = EngineModule.forRoot(environment, { log, decides, usesKafka });
    return { module: OwnProcessModule, imports: [engine, module] };
  };
  const api = { authenticators: allAuthenticators, openApi: { title: `Gatebook ${app}`, version: SOFTWARE_VERSION } };
  return runServer({ root, name: `gatebook-${app}`, ...(serves ? api : {}) });
}
