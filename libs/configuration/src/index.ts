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
export {
  ConfigurationInvalidError,
  type ConfigurationProblem,
  ConfirmationRequiredError,
  ConnectionIdTakenError,
} from './configuration.errors.js';
export type { Configuration, ConnectionConfiguration, TenantConfiguration } from './configuration.schema.js';
export { configurationHash } from './configuration-hash.js';
export { fileReferences, noReferences } from './file-references.js';
export { type PlannedChange, type PlannedCommand, planConfiguration } from './plan-configuration.js';
export { type References, readConfiguration } from './read-configuration.js';
export {
  type Evaluated,
  evaluateRules,
  type RuleEvaluationDependencies,
  type RulesInForce,
} from './rules/rule-evaluation.js';
export { connectionProblems, samlSettingsOf } from './saml-connections.js';
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
  StandingGrants,
  type StandingGrantsDependencies,
} from './standing-grants/standing-grants.js';
export { configurationMigrations } from './standing-grants/standing-grants.table.js';
