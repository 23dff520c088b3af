export type * from './account/account.commands.js';
export { accountDecider } from './account/account.decider.js';
export * from './account/account.errors.js';
export {
  type AccountState,
  type Grant,
  grantsHeld,
  isLinked,
  isOpen,
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
export { type ConfigureTenant, type TenantState, tenantDecider } from './tenant/tenant.decider.js';
