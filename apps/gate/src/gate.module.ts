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
import { SamlVerifier, switchXPathShortcut } from '#libs/federation';
import { ENVIRONMENT, type Environment } from '#libs/platform';
import { AccessDecisions } from './evaluation/access-decisions.js';
import { EvaluationController } from './evaluation/evaluation.controller.js';
import { EvaluationCallers } from './evaluation/evaluation-callers.js';
import { LoginController } from './login/login.controller.js';
import { BackchannelLogoutController } from './logout/backchannel-logout.controller.js';
import { BackchannelLogouts } from './logout/backchannel-logouts.js';
import { LogoutController } from './logout/logout.controller.js';
import { PendingSignOuts } from './logout/pending-sign-outs.js';
import { ProviderSignOuts } from './logout/provider-sign-outs.js';
import { SamlLogoutController } from './logout/saml-logout.controller.js';
import { SamlLogouts } from './logout/saml-logouts.js';
import { MeController } from './me/me.controller.js';
import { CallbackController } from './oidc/callback.controller.js';
import { ClientKeysController } from './oidc/client-keys.controller.js';
import { PROVIDER_CLIENTS } from './oidc/clients.providers.js';
import { CodeAnswers } from './oidc/code-answers.js';
import { CodeSignIns } from './oidc/code-sign-ins.js';
import { GroupsLookUp } from './oidc/groups-look-up.js';
import { InteractionController } from './op/interaction.controller.js';
import { OpMiddleware } from './op/op.middleware.js';
import { OP_PROVIDERS } from './op/op.providers.js';
import { SamlController } from './saml/saml.controller.js';
import { SamlGuard } from './saml/saml.guard.js';
import { SamlStrategy } from './saml/saml.strategy.js';
import { SamlMetadataController } from './saml/saml-metadata.controller.js';
import { SamlRequests } from './saml/saml-requests.js';
import { BrowserSessions } from './session/browser-sessions.js';
import { SignOuts } from './session/sign-outs.js';
import { ProtocolSettings } from './settings/protocol-settings.js';
import { ConnectionSetups } from './setup/connection-setups.js';
import { SetupController } from './setup/setup.controller.js';
import { SetupLinks } from './setup/setup-links.js';
import { TestSignIns } from './setup/test-sign-ins.js';
import { AnswerRefusals } from './sign-in/answer-refusals.js';
import { AssertionUses } from './sign-in/assertion-uses.js';
import { BearerSignIns } from './sign-in/bearer-sign-ins.js';
import { BrowserSignIns } from './sign-in/browser-sign-ins.js';
import { PendingSignIns } from './sign-in/pending-sign-ins.js';
import { Refusals } from './sign-in/refusals.js';
import { SignInCount } from './sign-in/sign-in.count.js';
import { SignInHandler } from './sign-in/sign-in.handler.js';
import { SignInPreparation } from './sign-in/sign-in.preparation.js';
import { SignInRefusals } from './sign-in/sign-in-refusals.js';
import { SignInStart } from './sign-in/sign-in-start.js';
import { SignIns } from './sign-in/sign-ins.js';
import { UnreadableAnswerFilter } from './sign-in/unreadable-answer.filter.js';
import { SIGNAL_CONTROLLERS, SIGNAL_PROVIDERS } from './signals/signals.providers.js';

/** The switch counts for threads that start later. */
function samlVerifier({ samlXPathShortcut }: Environment): SamlVerifier {
  switchXPathShortcut(samlXPathShortcut);
  return new SamlVerifier();
}

/** People come in here: choose a connection, answer to its identity provider, see what they hold and why. */
@Module({
  imports: [CqrsModule, PassportModule],
  controllers: [
    LoginController,
    SamlController,
    SamlMetadataController,
    CallbackController,
    ClientKeysController,
    BackchannelLogoutController,
    SamlLogoutController,
    MeController,
    LogoutController,
    ...SIGNAL_CONTROLLERS,
    SetupController,
    InteractionController,
    EvaluationController,
  ],
  providers: [
    ...PROVIDER_CLIENTS,
    AnswerRefusals,
    AssertionUses,
    BackchannelLogouts,
    BearerSignIns,
    BrowserSessions,
    BrowserSignIns,
    CodeAnswers,
    CodeSignIns,
    ConnectionSetups,
    GroupsLookUp,
    PendingSignIns,
    PendingSignOuts,
    ProtocolSettings,
    ProviderSignOuts,
    Refusals,
    SamlGuard,
    SamlLogouts,
    SamlRequests,
    SamlStrategy,
    { provide: SamlVerifier, inject: [ENVIRONMENT], useFactory: samlVerifier },
    SetupLinks,
    SignInHandler,
    SignInPreparation,
    SignInRefusals,
    SignIns,
    SignInStart,
    SignOuts,
    TestSignIns,
    UnreadableAnswerFilter,
    ...SIGNAL_PROVIDERS,
    ...OP_PROVIDERS,
    AccessDecisions,
    EvaluationCallers,
  ],
})
export class GateModule implements NestModule, OnApplicationBootstrap, OnApplicationShutdown {
  constructor(private readonly verifier: SamlVerifier) {}

  configure(consumer: MiddlewareConsumer): void {
    consumer
      .apply(SignInCount)
      .forRoutes(
        { path: 'saml/:connection/acs', method: RequestMethod.POST },
        { path: 'login/:connection/callback', method: RequestMethod.GET },
      );
    consumer.apply(OpMiddleware).forRoutes({ path: 'op/{*rest}', method: RequestMethod.ALL });
  }

  /** The first person to sign in should not wait for threads to start. */
  async onApplicationBootstrap(): Promise<void> {
    await this.verifier.warmUp();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.verifier.close();
  }
}
