export type * from './account/account.commands.js';
export { accountDecider } from './account/account.decider.js';
export * from './account/account.errors.js';
export {
  type AccountState,
  countsAt,
  type Grant,
  grantsHeld,
  isLinked,
  isOpen,
  type KeptBack,
  NO_ACCOUNT,
  openGrants,
  rolesHeld,
  standingGrants,
  type Withholding,
} from './account/account.state.js';
export { LEASE_STEPS } from './account/lease.js';
export { type Authority, newProfile } from './account/profile-merge.js';
export { type ConnectionForWhyNot, type WhyNot, type WhyNotFacts, whyNot } from './account/why-not.js';
export {
  type ApiKeyCommand,
  ApiKeyNotFoundError,
  type ApiKeyState,
  apiKeyDecider,
  type CreateApiKey,
  InvalidKeyExpiryError,
  type RevokeApiKey,
} from './api-key/api-key.decider.js';
export { changedPaths, sameJson } from './changed-paths.js';
export {
  type ApplicationAccess,
  accessToApplication,
  type GrantStanding,
  grantStillStands,
} from './client/application-access.js';
export {
  type ClientCommand,
  ClientIdTakenError,
  ClientNotFoundError,
  ClientStaleError,
  type ClientState,
  type ConfigureClient,
  clientDecider,
  type RemoveClient,
  type SwitchClient,
} from './client/client.decider.js';
export { type ClientTerms, meetsTerms, termsOf } from './client/client-terms.js';
export {
  type ConfigurationState,
  configurationDecider,
  type RecordConfigurationApplied,
  type RecordConfigurationHeld,
} from './configuration/configuration.decider.js';
export { admit, mayCreateAccounts, strangerRefused } from './connection/admission.js';
export {
  type Authentication,
  type Claims,
  fromClaimList,
  type PresentedIdentity,
  toClaimList,
} from './connection/claims.js';
export { CONDITION_DEPTH_MAX, type MatchedClaim, type OfferedValue, type RuleFacts } from './connection/conditions.js';
export type * from './connection/connection.commands.js';
export { connectionDecider } from './connection/connection.decider.js';
export * from './connection/connection.errors.js';
export type { ConnectionState } from './connection/connection.state.js';
export { changedSource, changedVouching } from './connection/connection-source.js';
export { domainOf } from './connection/email-domain.js';
export { EXPRESSION_DEPTH_MAX } from './connection/expressions.js';
export type { Groups } from './connection/groups.js';
export { comparableSubject, factsOf, type MappedIdentity, mapIdentity } from './connection/identity-mapping.js';
export { mayLink } from './connection/linking.js';
export { ATTRIBUTES_MAX, STANDARD_ATTRIBUTES } from './connection/offered-attributes.js';
export { ownedDomains } from './connection/owned-domains.js';
export { regexpProblem } from './connection/regexps.js';
export { type DueRole, dueKey, type Judgement, judgeRules, rolesDue } from './connection/rules.js';
export type { ElevationCommand, RequestElevation, SaidBy } from './elevation/elevation.commands.js';
export { elevationDecider } from './elevation/elevation.decider.js';
export * from './elevation/elevation.errors.js';
export type { ElevationState } from './elevation/elevation.state.js';
export { type ElevationOffer, offerFor, stillAllows } from './elevation/elevation-offer.js';
export { type ConformanceFacts, requirementsUnmet } from './finding/conformance.js';
export { isDormant } from './finding/dormant.js';
export type * from './finding/finding.commands.js';
export { findingDecider } from './finding/finding.decider.js';
export {
  ACCEPTANCE_DAYS_MAX,
  AcceptanceEndError,
  FindingNotFoundError,
  FindingNotYoursError,
  FindingResolvedError,
  OwnFindingError,
} from './finding/finding.errors.js';
export type { FindingState } from './finding/finding.state.js';
export {
  burstFrom,
  type ConnectionAge,
  endsQuietTime,
  type HourCount,
  hourOf,
  isBurst,
  isPastFirstDays,
  isSettled,
  USUAL_DAYS,
} from './finding/insights.js';
export { isStillLost, type OrphanCode, SILENT_AFTER_MS } from './finding/orphan.js';
export { groupsUnknownTooLong, UNKNOWN_FOR_MAX_MS, UNKNOWN_SIGN_INS_MAX } from './finding/unknown-groups.js';
export { type GrantUse, USE_SILENT_AFTER_DAYS, type UseTold, unusedSince, useTold } from './finding/unused.js';
export {
  type ChangeArea,
  type ChangeLookedAt,
  type ConnectionBeforeOrAfter,
  changeAreas,
  type RoleBeforeOrAfter,
} from './held-change/change-areas.js';
export type { HeldChangeCommand } from './held-change/held-change.commands.js';
export { heldChangeDecider } from './held-change/held-change.decider.js';
export * from './held-change/held-change.errors.js';
export type { HeldChangeState } from './held-change/held-change.state.js';
export {
  type ConfigurePolicy,
  type PolicyCommand,
  PolicyKindFixedError,
  PolicyNotFoundError,
  PolicyStaleError,
  type PolicyState,
  policyDecider,
  type RemovePolicy,
  type SwitchPolicy,
} from './policy/policy.decider.js';
export {
  type AccessReviewCommand,
  type AccessReviewState,
  accessReviewDecider,
  type CloseReview,
  type HoldReview,
  type MarkPopulated,
  type OpenReview,
  type SignOffReview,
} from './review/access-review.decider.js';
export * from './review/access-review.errors.js';
export { type EarlierAnswer, mayCarryForward } from './review/carry-forward.js';
export { type DueNow, deadlinesOf, stageTimes } from './review/deadlines.js';
export { type Certified, fingerprintOf, whatChanged } from './review/fingerprint.js';
export { lastOccurrence, nextOccurrence, scheduleProblem } from './review/occurrences.js';
export { INACTIVE_DAYS, type RecommendationFacts, recommend } from './review/recommendation.js';
export * from './review/review-item.commands.js';
export { reviewItemDecider } from './review/review-item.decider.js';
export * from './review/review-item.errors.js';
export { type ItemDecision, needsReopening, type ReviewItemState } from './review/review-item.state.js';
export { type GrantInScope, inScope } from './review/review-scope.js';
export { giverOf, type ReviewerFacts, reviewersFor } from './review/reviewers.js';
export { deliveryOf, type Silence, type SilentItem, silence, type ToldAt } from './review/silence.js';
export {
  type FiredTrigger,
  ruleVersionSince,
  type TriggerContext,
  triggersOf,
  wentBefore,
} from './review/triggers.js';
export {
  type DefineRole,
  type RetireRole,
  type RoleCommand,
  RoleNotFoundError,
  type RoleState,
  roleDecider,
} from './role/role.decider.js';
export {
  type IssueSetupLink,
  type SetupLinkCommand,
  SetupLinkInvalidError,
  type SetupLinkState,
  setupLinkDecider,
  type UseSetupLink,
} from './setup-link/setup-link.decider.js';
export { ADMISSION_CODES, type AdmissionCode, SignInRefusedError } from './sign-in/sign-in-refused.error.js';
export {
  conflictsOf,
  type ExceptionInForce,
  type PolicyInForce,
  preventiveRules,
  preventiveRulesFrom,
  type SodConflict,
  type SodRule,
  type SodSource,
  sodRules,
} from './sod/sod-rules.js';
export {
  type EndSodException,
  type ExpireSodException,
  type GrantSodException,
  isOpenException,
  NO_SOD_EXCEPTION,
  SOD_EXCEPTION_DAYS_MAX,
  type SodExceptionCommand,
  SodExceptionEndInvalidError,
  SodExceptionExistsError,
  SodExceptionNotFoundError,
  type SodExceptionState,
  sodExceptionDecider,
} from './sod-exception/sod-exception.decider.js';
export { type ConfigureTenant, type TenantState, tenantDecider } from './tenant/tenant.decider.js';
export {
  type ReportUsage,
  USAGE_ENTRIES_MAX,
  UsageAccountsUnknownError,
  type UsageState,
  UsageTimeError,
  usageDecider,
} from './usage/usage.decider.js';
