import {
  type MiddlewareConsumer,
  Module,
  type NestModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  RequestMethod,
} from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { PassportModule } from '@nestjs/passport';
import { SamlVerifier } from '#libs/federation';
import { LoginController } from './login/login.controller.js';
import { MeController } from './me/me.controller.js';
import { SamlController } from './saml/saml.controller.js';
import { SamlGuard } from './saml/saml.guard.js';
import { SamlStrategy } from './saml/saml.strategy.js';
import { SamlAnswerRefusals } from './saml/saml-answer-refusals.js';
import { SamlMetadataController } from './saml/saml-metadata.controller.js';
import { UnreadableAnswerFilter } from './saml/unreadable-answer.filter.js';
import { BrowserSessions } from './session/browser-sessions.js';
import { SignOuts } from './session/sign-outs.js';
import { SetupController } from './setup/setup.controller.js';
import { SetupLinks } from './setup/setup-links.js';
import { AssertionUses } from './sign-in/assertion-uses.js';
import { PendingSignIns } from './sign-in/pending-sign-ins.js';
import { Refusals } from './sign-in/refusals.js';
import { SignInCount } from './sign-in/sign-in.count.js';
import { SignInHandler } from './sign-in/sign-in.handler.js';
import { SignInPreparation } from './sign-in/sign-in.preparation.js';
import { SignInRefusals } from './sign-in/sign-in-refusals.js';

/** People come in here: choose a connection, answer to its identity provider, see what they hold and why. */
@Module({
  imports: [CqrsModule, PassportModule],
  controllers: [LoginController, SamlController, SamlMetadataController, MeController, SetupController],
  providers: [
    AssertionUses,
    BrowserSessions,
    PendingSignIns,
    Refusals,
    SamlAnswerRefusals,
    SamlGuard,
    SamlStrategy,
    { provide: SamlVerifier, useFactory: () => new SamlVerifier() },
    SetupLinks,
    SignInHandler,
    SignInPreparation,
    SignInRefusals,
    SignOuts,
    UnreadableAnswerFilter,
  ],
})
export class GateModule implements NestModule, OnApplicationBootstrap, OnApplicationShutdown {
  constructor(private readonly verifier: SamlVerifier) {}

  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(SignInCount).forRoutes({ path: 'saml/:connection/acs', method: RequestMethod.POST });
  }

  /** The first person to sign in should not wait for threads to start. */
  async onApplicationBootstrap(): Promise<void> {
    await this.verifier.warmUp();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.verifier.close();
  }
}
