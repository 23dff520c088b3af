import { type DynamicModule, Module } from '@nestjs/common';
import { DemoIdpController } from './demo-idp.controller.js';
import { type DemoIdpOptions, refuseOutsideLoopback } from './demo-idp.options.js';
import { IdentityProvider } from './identity-provider.js';

/** A SAML identity provider for development, under `/demo-idp` of the server that imports it. */
@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: Nest knows a module by its class
export class DemoIdpModule {
  /** @throws {NotLoopbackError | BaseUrlError} */
  static register(options: DemoIdpOptions): DynamicModule {
    refuseOutsideLoopback(options);
    return {
      module: DemoIdpModule,
      controllers: [DemoIdpController],
      providers: [{ provide: IdentityProvider, useFactory: () => IdentityProvider.open(options) }],
    };
  }
}
