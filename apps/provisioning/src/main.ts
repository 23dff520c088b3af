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
import { ProvisioningModule } from './provisioning.module.js';

@Module({})
class ProvisioningServer {}

/** The provisioning as a process of its own. */
function root(environment: Environment, log: Log): DynamicModule {
  requireSharedDatabase(environment, 'provisioning');
  return { module: ProvisioningServer, imports: [EngineModule.forRoot(environment, { log }), ProvisioningModule] };
}

await runServer({
  root,
  authenticators: allAuthenticators,
  openApi: { title: 'Gatebook provisioning', version: SOFTWARE_VERSION },
});
