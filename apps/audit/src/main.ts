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
import { AuditModule } from './audit.module.js';

@Module({})
class AuditServer {}

/** The audit API as a process of its own. */
function root(environment: Environment, log: Log): DynamicModule {
  requireSharedDatabase(environment, 'audit');
  return {
    module: AuditServer,
    imports: [EngineModule.forRoot(environment, { log, decides: false }), AuditModule],
  };
}

await runServer({
  root,
  authenticators: allAuthenticators,
  openApi: { title: 'Gatebook audit', version: SOFTWARE_VERSION },
});
