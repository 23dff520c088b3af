import { type DynamicModule, Module } from '@nestjs/common';
import { EngineModule, type Environment, type Log, systemClock } from '#libs/platform';
import { AuditModule } from '../../audit/src/audit.module.js';
import { DemoIdpModule } from '../../demo-idp/src/index.js';
import { GateModule } from '../../gate/src/gate.module.js';
import { GovernanceModule } from '../../governance/src/governance.module.js';
import { ProjectorModule } from '../../projector/src/projector.module.js';
import { READY_MADE_CONFIGURATION } from '../../provisioning/src/configuration/start-up-configuration.js';
import { ProvisioningModule } from '../../provisioning/src/provisioning.module.js';
import { RelayModule } from '../../relay/src/relay.module.js';
import { demoConfiguration, demoIdpUrl } from './demo.js';

/** Says what the demo is, in place of a configuration file. */
@Module({})
class DemoConfigurationModule {
  static of(environment: Environment): DynamicModule {
    const configuration = {
      provide: READY_MADE_CONFIGURATION,
      useFactory: () => demoConfiguration(environment, systemClock),
    };
    return { module: DemoConfigurationModule, global: true, providers: [configuration], exports: [configuration] };
  }
}

/** Every app in one process; in the demo with its identity provider, under the other loopback name. */
@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: Nest knows a module by its class
export class AllModule {
  static register(environment: Environment, log: Log): DynamicModule {
    return {
      module: AllModule,
      imports: [
        EngineModule.forRoot(environment, { log, usesKafka: true }),
        GateModule,
        ProvisioningModule,
        GovernanceModule,
        RelayModule,
        ProjectorModule,
        ...(environment.demo ? [demoIdp(environment), DemoConfigurationModule.of(environment)] : []),
        AuditModule,
      ],
    };
  }
}

function demoIdp(environment: Environment): DynamicModule {
  const { publicUrl, dataDir } = environment;
  const connection = `${publicUrl}/saml/demo`;
  const serviceProviders = [{ acsUrl: `${connection}/acs`, spEntityId: `${connection}/metadata` }];
  return DemoIdpModule.register({ baseUrl: demoIdpUrl(environment), dataDir, clock: systemClock, serviceProviders });
}
