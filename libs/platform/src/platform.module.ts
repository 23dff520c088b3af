import { type DynamicModule, type FactoryProvider, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE, DiscoveryModule } from '@nestjs/core';
import { LoggerModule } from 'nestjs-pino';
import { AdminKeyAuthenticator } from './auth/admin-key.authenticator.js';
import { AuthGuard } from './auth/auth.guard.js';
import { AUTHENTICATORS, type Authenticator } from './auth/authenticator.port.js';
import { CsrfGuard } from './auth/csrf.guard.js';
import { RouteAccessCheck } from './auth/route-access.check.js';
import { ENVIRONMENT } from './engine/tokens.js';
import type { Environment } from './environment/environment.js';
import { Dependencies } from './health/dependencies.js';
import { HealthController } from './health/health.controller.js';
import { Readiness } from './health/readiness.js';
import { StorageHealth } from './health/storage-health.js';
import { BodyGuard } from './http/body.guard.js';
import { ConnectionDrain } from './http/connection-drain.js';
import type { Log } from './logging/log.js';
import { requestLog } from './logging/request-log.js';
import { AppendMetrics } from './metrics/append.metrics.js';
import { ConnectionMetrics } from './metrics/connection.metrics.js';
import { EventStoreObserver } from './metrics/event-store-observer.js';
import { GovernanceMetrics } from './metrics/governance.metrics.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { Metrics } from './metrics/metrics.js';
import { ProjectionMetrics } from './metrics/projection.metrics.js';
import { RelayMetrics } from './metrics/relay.metrics.js';
import { RevocationMetrics } from './metrics/revocation.metrics.js';
import { SignInMetrics } from './metrics/sign-in.metrics.js';
import { SignalMetrics } from './metrics/signal.metrics.js';
import { Pages } from './pages/pages.js';
import { ErrorAnswers } from './problem/error-answers.js';
import { ProblemFilter } from './problem/problem.filter.js';
import { openTracing } from './tracing/open-tracing.js';
import { Tracing } from './tracing/tracing.js';
import { requestValidation } from './validation/validation.pipe.js';

/** How callers are known: a factory of the authenticators, in the order in which they are asked. */
export type AuthenticatorsFactory = Pick<FactoryProvider<readonly Authenticator[]>, 'inject' | 'useFactory'>;

/** What every server of Gatebook has in common. */
export interface PlatformOptions {
  readonly environment: Environment;
  readonly log: Log;
  /** Default: the administrator key of the environment alone. */
  readonly authenticators?: AuthenticatorsFactory | undefined;
  /** Name of the server among the services of an installation, for traces. Default: gatebook. */
  readonly name?: string | undefined;
  /** Default: as the environment says. */
  readonly tracing?: Tracing | undefined;
}

const ADMIN_KEY_ONLY: AuthenticatorsFactory = {
  inject: [ENVIRONMENT],
  useFactory: ({ adminKey }: Environment) => [new AdminKeyAuthenticator(adminKey)],
};

/** What is well, by name and for operators. */
const HEALTH = [Readiness, Dependencies, StorageHealth, EventStoreObserver];

/** Counters stand at zero in servers that do none of it; figures that are asked for appear once their owner shows them. */
const METRICS = [
  Metrics,
  AppendMetrics,
  ConnectionMetrics,
  GovernanceMetrics,
  ProjectionMetrics,
  RelayMetrics,
  RevocationMetrics,
  SignalMetrics,
  SignInMetrics,
];

@Module({})
class PlatformModule {}

/** Makes the module, global, of guards, validation, error answers, health, metrics and logging. Guards run in the order in which they stand here. */
export function platformModule({
  environment,
  log,
  authenticators = ADMIN_KEY_ONLY,
  name,
  tracing,
}: PlatformOptions): DynamicModule {
  return {
    module: PlatformModule,
    global: true,
    imports: [DiscoveryModule, LoggerModule.forRoot(requestLog(log))],
    controllers: [HealthController, MetricsController],
    providers: [
      { provide: ENVIRONMENT, useValue: environment },
      { provide: AUTHENTICATORS, ...authenticators },
      { provide: APP_GUARD, useClass: AuthGuard },
      { provide: APP_GUARD, useClass: BodyGuard },
      { provide: APP_GUARD, useClass: CsrfGuard },
      { provide: APP_PIPE, useFactory: requestValidation },
      { provide: APP_FILTER, useClass: ProblemFilter },
      ErrorAnswers,
      Pages,
      ...HEALTH,
      ...METRICS,
      {
        provide: Tracing,
        useFactory: () => tracing ?? openTracing({ url: environment.tracesUrl, service: name ?? 'gatebook', log }),
      },
      ConnectionDrain,
      RouteAccessCheck,
    ],
    exports: [ENVIRONMENT, AUTHENTICATORS, ErrorAnswers, Pages, ...HEALTH, ...METRICS, Tracing],
  };
}
