import { type DynamicModule, Module } from '@nestjs/common';
import {
  allAuthenticators,
  EngineModule,
  type Environment,
  type Log,
  requireSharedDatabase,
  runServer,
  SOFTWARE_VERSION,
} from '#libs/platform';
import { GateModule } from './gate.module.js';

@Module({})
class GateServer {}

/** The gate as a process of its own. */
function root(environment: Environment, log: Log): DynamicModule {
  requireSharedDatabase(environment, 'gate');
  return { module: GateServer, imports: [EngineModule.forRoot(environment, { log }), GateModule] };
}

await runServer({
  root,
  authenticators: allAuthenticators,
  openApi: { title: 'Gatebook gate', version: SOFTWARE_VERSION },
});
