import { type DynamicModule, Module } from '@nestjs/common';
import { EngineModule, type Environment, type Log, requireSharedDatabase, runServer } from '#libs/platform';
import { RelayModule } from './relay.module.js';

@Module({})
class RelayServer {}

/** The relay as a process of its own: it answers only health and metrics. */
function root(environment: Environment, log: Log): DynamicModule {
  requireSharedDatabase(environment, 'relay');
  return { module: RelayServer, imports: [EngineModule.forRoot(environment, { log, decides: false }), RelayModule] };
}

await runServer({ root });
