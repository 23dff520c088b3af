import { type DynamicModule, Module } from '@nestjs/common';
import { EngineModule, type Environment, type Log, systemClock } from '#libs/platform';
import { DemoIdpModule } from '../../demo-idp/src/index.js';
import { GateModule } from '../../gate/src/gate.module.js';
import { ProjectorModule } from '../../projector/src/projector.module.js';
import { ProvisioningModule } from '../../provisioning/src/provisioning.module.js';
import { RelayModule } from '../../relay/src/relay.module.js';
import { demoIdpUrl } from './demo.js';

/** Every app in one process; in the demo with its identity provider, under the other loopback name. */
@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: Nest knows a module by its class
export class AllModule {
  static register(environment: Environment, log: Log): DynamicModule {
    return {
      module: AllModule,
      imports: [
        EngineModule.forRoot(environment, { log }),
        GateModule,
        ProvisioningModule,
        RelayModule,
        ProjectorModule,
        ...(environment.demo ? [demoIdp(environment)] : []),
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
