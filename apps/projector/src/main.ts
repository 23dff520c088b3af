import { type DynamicModule, Module } from '@nestjs/common';
import { EngineModule, type Environment, type Log, requireSharedDatabase, runServer } from '#libs/platform';
import { ProjectorModule } from './projector.module.js';

@Module({})
class ProjectorServer {}

/** The projector as a process of its own: it answers only health and metrics. */
function root(environment: Environment, log: Log): DynamicModule {
  requireSharedDatabase(environment, 'projector');
  return {
    module: ProjectorServer,
    imports: [EngineModule.forRoot(environment, { log, decides: false }), ProjectorModule],
  };
}

await runServer({ root });
