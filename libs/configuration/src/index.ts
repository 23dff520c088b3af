export {
  type AppliedConfiguration,
  ApplyConfiguration,
  type ApplyConfigurationDependencies,
  type ApplyRequest,
  CONFIGURATION_STREAM,
  type PlanRequest,
} from './apply/apply-configuration.js';
export { type ChangeSummary, type ConfigurationPlan, percentOf } from './apply/configuration-plan.js';
export { type Loss, touchesRules } from './apply/loss-estimate.js';
export { builtInRoles } from './built-in-roles.js';
export { ChangeOutdatedError, ChangeTooLargeError, TooManyChangesWaitError } from './changes/change.errors.js';
export { vouchingWarning } from './changes/change-consequences.js';
export {
  type AnsweredChange,
  type Answering,
  type ChangeInDetail,
  HeldChanges,
  type HeldChangesDependencies,
} from './changes/held-changes.js';
export {
  type ChangeKind,
  type HoldableChange,
  type HoldableCommand,
  type Settings,
  type Target,
  type TargetState,
  targetAfter,
  targetOf,
} from './changes/holdable-change.js';
export {
  CHANGE_WAITS_MS,
  CHANGES_WAITING_MAX,
  type ChangeAsked,
  type ChangeWaits,
  isWaiting,
  SecondPerson,
  type SecondPersonDependencies,
} from './changes/second-person.js';
export { type SettingDifference, settingDifferences } from './changes/setting-differences.js';
export { isApplicationUrl } from './client.schema.js';
export { type CheckedClient, checkClient, type KnownToClients } from './client-checks.js';
export {
  ConfigurationInvalidError,
  type ConfigurationProblem,
  ConfirmationRequiredError,
  ConnectionIdTakenError,
} from './configuration.errors.js';
export type { Configuration, ConnectionConfiguration, TenantConfiguration } from './configuration.schema.js';
export { configurationHash } from './configuration-hash.js';
export { connectionAsWritten } from './connection-as-written.js';
export type { Surroundings } from './connection-checks.js';
export {
  isFingerprint,
  type SealedConfiguration,
  type SecretToStore,
  sealConnection,
  sealSecrets,
} from './connection-secrets.js';
export {
  ConnectionExistsError,
  ConnectionStaleError,
  DomainOwnershipRefusedError,
  VouchingRefusedError,
} from './connections/connection.errors.js';
export { domainChallengeOf } from './connections/domain-challenges.js';
export { mergePatch } from './connections/merge-patch.js';
export {
  type Consequences,
  type PreparedConnection,
  type SingleChangeDependencies,
  SingleChanges,
  type WantedConnection,
} from './connections/single-changes.js';
export { fileReferences, noReferences } from './file-references.js';
export { MetadataUnusableError, metadataFactsOf, withMetadataFile, withMetadataFiles } from './metadata-files.js';
export { type PlannedChange, type PlannedCommand, planConfiguration } from './plan-configuration.js';
export { changeByCommand, type PolicyChange } from './policies/policy-changes.js';
export type { KnownToPolicies } from './policies/policy-checks.js';
export { policySettingsOf } from './policies/policy-settings-of.js';
export { knownToPolicies } from './policies/policy-surroundings.js';
export {
  type IdentityPreview,
  type PreviewedConnection,
  type PreviewedRefusal,
  previewIdentity,
} from './preview/identity-preview.js';
export { connectionProblems, type ProtocolProblem, protocolProblem } from './protocol-problems.js';
export {
  jwtSettingsOf,
  oauth2SettingsOf,
  oidcSettingsOf,
  type ProtocolSurroundings,
  redirectUriOf,
} from './protocol-settings.js';
export {
  readConfiguration,
  readConnection,
  readConnectionFile,
  readPolicy,
  readReviewTerms,
} from './read-configuration.js';
export {
  type Evaluated,
  evaluateRules,
  type RuleEvaluationDependencies,
  type RulesInForce,
  recordedFacts,
  recordedIdentity,
} from './rules/rule-evaluation.js';
export {
  MetadataNotReadError,
  NotSamlError,
  type SamlKeys,
  samlSettingsOf,
  serviceProviderOf,
} from './saml-connections.js';
export { isDuration } from './schema-parts.js';
export { CONNECTION_LINK_LIFE_MS, issueConnectionLink } from './setup-links/issue-connection-link.js';
export {
  firstSetupLink,
  issueRecoveryLink,
  RECOVERY_LINK_LIFE_MS,
  SETUP_LINK_LIFE_MS,
  type SetupLink,
  type SetupLinkDependencies,
} from './setup-links/issue-setup-link.js';
export { readPrivate, writePrivately } from './setup-links/private-file.js';
export { answerRecoveryRequest, askForRecoveryLink } from './setup-links/recovery-request.js';
export { moveCheckpoint, readCheckpoint } from './standing-grants/checkpoint.js';
export {
  type AccountGrants,
  type GrantsOf,
  type LapsedGrants,
  StandingGrants,
  type StandingGrantsDependencies,
} from './standing-grants/standing-grants.js';
export { configurationMigrations } from './standing-grants/standing-grants.table.js';
export {
  type Appointment,
  UpkeepSchedule,
  type UpkeepScheduleDependencies,
} from './upkeep-schedule/upkeep-schedule.js';
export { type LastSignIn, lastSignInsThrough } from './what-if/last-sign-ins.js';
export { type RecordedEventsPage, type RecordedEventsQuery, recordedEvents } from './what-if/recorded-events.js';
export { type RecordedSignIn, recordedSignIn, SIGN_IN_EVENTS } from './what-if/recorded-sign-ins.js';
export { type Replayed, replayed } from './what-if/replayed.js';
export { type SignedInAgain, type SignInAgain, signInAgain } from './what-if/sign-in-again.js';
export type { References } from './yaml-text.js';
