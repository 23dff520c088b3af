/** Nest glue that every server of Gatebook shares: environment, HTTP, authentication, errors, validation, logging, operations. */

// Interfaces that constructors of injectables name: at hand beside their tokens.
export type { EventCodec, EventStore, WritePath } from '#libs/event-store';
export type { Clock } from '#libs/kernel';
export type { Keyring } from '#libs/vault';
export { AccountCommandHandler, RunAccountCommand } from './accounts/account-command.handler.js';
export { AccountCommandsModule } from './accounts/account-commands.module.js';
export { CurrentCaller, Public, RequireScopes, type RouteAccess } from './auth/access.decorators.js';
export { AdminKeyAuthenticator } from './auth/admin-key.authenticator.js';
export { ApiKeyAuthenticator } from './auth/api-key.authenticator.js';
export { API_KEY_PREFIX, type ApiKeyDirectory, type ApiKeyRecord, newApiKey } from './auth/api-key.js';
export {
  CsrfRefusedError,
  InvalidKeyError,
  KeyExpiredError,
  KeyRevokedError,
  MissingKeyError,
  MissingScopeError,
  ScopeExceededError,
  TenantRequiredError,
} from './auth/auth.errors.js';
export { AUTHENTICATORS, type Authenticator } from './auth/authenticator.port.js';
export { allAuthenticators } from './auth/authenticators.js';
export { bearerTokenOf, equalInConstantTime, sha256Hex } from './auth/bearer-token.js';
export type { Caller } from './auth/caller.js';
export { CSRF_FIELD, CSRF_HEADER, CSRF_KEY, csrfTokenOf } from './auth/csrf.js';
export { requireOwnScopes, scopesOfRoles } from './auth/role-scopes.js';
export { SESSION_COOKIE } from './auth/session-cookie.js';
export { ownedBy, tenantFor } from './auth/tenant-for.js';
export { ApiChangeHeld, answerHeld, ChangeHeldDto } from './command/change-held.dto.js';
export { type CommandRequest, commandMetadata } from './command/command-metadata.js';
export { wasCarriedOut } from './command/earlier-commands.js';
export {
  ApiIdempotencyKey,
  checkIdempotencyKey,
  IDEMPOTENCY_KEY_LENGTH_MAX,
  IdempotencyKey,
  IdempotencyKeyRequiredError,
  InvalidIdempotencyKeyError,
} from './command/idempotency-key.js';
export { WriteRequests } from './command/write-request.js';
export { EngineModule, type EngineModuleOptions } from './engine/engine.module.js';
export { MIGRATIONS } from './engine/migrations.js';
export { type Engine, type EngineOptions, openEngine, systemClock } from './engine/open-engine.js';
export { prepareDatabase } from './engine/prepare-database.js';
export { requireSharedDatabase } from './engine/shared-database.js';
export { SOFTWARE_VERSION } from './engine/software-version.js';
export * from './engine/tokens.js';
export { EnvironmentRefusedError } from './environment/environment.errors.js';
export { type Environment, type KafkaEnvironment, readEnvironment } from './environment/environment.js';
export { clientNetwork, isLoopback } from './environment/network-address.js';
export {
  ADMIN_KEY_LENGTH_MIN,
  LOG_LEVELS,
  type LogLevel,
  SASL_MECHANISMS,
  type SaslMechanism,
} from './environment/variables.js';
export { ExclusiveRole, type ExclusiveRoleOptions } from './exclusive-role/exclusive-role.js';
export { Dependencies, type DependencyName } from './health/dependencies.js';
export { Readiness, type ReadinessAnswer, type ReadinessCheck, type ReadinessReport } from './health/readiness.js';
export { StorageHealth } from './health/storage-health.js';
export { AcceptsForm, AcceptsSecurityEvent } from './http/body.guard.js';
export { readCookies } from './http/cookies.js';
export { createHttpApp, type HttpAppOptions, type RootModule } from './http/create-http-app.js';
export { versionOf } from './http/if-match.js';
export type { PlatformRequest } from './http/platform-request.js';
export { FORM_BYTES_MAX, JSON_BYTES_MAX } from './http/request-body.js';
export { REQUESTS_AT_A_TIME_MAX, ServerBusyError } from './http/request-limit.js';
export { describeError, type ErrorDescription } from './logging/describe-error.js';
export { createLog, type Log, type LogOptions } from './logging/log.js';
export { AppendMetrics } from './metrics/append.metrics.js';
export { askOnScrape } from './metrics/ask-on-scrape.js';
export { type CertificateLife, ConnectionMetrics } from './metrics/connection.metrics.js';
export { EventStoreObserver } from './metrics/event-store-observer.js';
export { GovernanceMetrics } from './metrics/governance.metrics.js';
export { Metrics } from './metrics/metrics.js';
export { ProjectionMetrics, type ProjectionState } from './metrics/projection.metrics.js';
export { type Lag, RelayMetrics } from './metrics/relay.metrics.js';
export { type RevocationEffect, RevocationMetrics, type RevocationSignal } from './metrics/revocation.metrics.js';
export { SignInMetrics, type SignInResult } from './metrics/sign-in.metrics.js';
export { SignalMetrics } from './metrics/signal.metrics.js';
export { type OpenApiOptions, setUpOpenApi } from './openapi/set-up-open-api.js';
export { errorPage, headingOf } from './pages/error-page.js';
export { ErrorsAsPages } from './pages/page-error.filter.js';
export { DEMO_BANNER, type PageAnswer, Pages } from './pages/pages.js';
export { personalNav } from './pages/personal-nav.js';
export { type AuthenticatorsFactory, type PlatformOptions, platformModule } from './platform.module.js';
export { ErrorAnswers } from './problem/error-answers.js';
export { HttpRefusalError } from './problem/http-refusal.error.js';
export { type FieldProblem, InvalidRequestError } from './problem/invalid-request.error.js';
export { NotFoundError } from './problem/not-found.error.js';
export { type Problem, type ProblemAnswer, problemOf, STATUS_OF_KIND } from './problem/problem.js';
export { type PageById, pageById, sealedPosition } from './reading/page-by-id.js';
export {
  POSITION_TIMEOUT_MS,
  type PositionWait,
  ReadModelBehindError,
  waitForPosition,
} from './reading/wait-for-position.js';
export { type Home, homeOf, ROUTES, type Route } from './routes/routes.js';
export { type OwnProcess, runOwnProcess } from './server/run-own-process.js';
export { type RunningServer, runServer, type ServerSpec, startServer } from './server/run-server.js';
export { startFailure } from './server/start-failure.js';
export type { SpanFacts, TracedEvent } from './tracing/span-recorder.js';
export { traceparentOf } from './tracing/traceparent.js';
export { Tracing } from './tracing/tracing.js';
export { type CursorPart, InvalidCursorError, isCursor, makeCursor, readCursor } from './validation/cursor.js';
export { IsInstant, readInstant } from './validation/instant.js';
export { IsCursor, IsLimit, IsMinPosition, PAGE_DEFAULT, PAGE_MAX, PageQuery } from './validation/list.decorators.js';
export {
  fieldRule,
  IsId,
  IsReason,
  IsText,
  IsUuid,
  isClean,
  REASON_LENGTH_MAX,
  type TextBounds,
} from './validation/text.decorators.js';
