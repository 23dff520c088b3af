export type * from './account/account.commands.js';
export { accountDecider } from './account/account.decider.js';
export * from './account/account.errors.js';
export {
  type AccountState,
  type Grant,
  grantsHeld,
  isOpen,
  NO_ACCOUNT,
  openGrants,
  rolesHeld,
  standingGrants,
  type Withholding,
} from './account/account.state.js';
export { type Authority, newProfile } from './account/profile-merge.js';
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
  type ConfigurationState,
  configurationDecider,
  type RecordConfigurationApplied,
  type RecordConfigurationHeld,
} from './configuration/configuration.decider.js';
export { admit } from './connection/admission.js';
export { type Claims, fromClaimList, type PresentedIdentity, toClaimList } from './connection/claims.js';
export {
  type ConfigureConnection,
  type ConnectionAsWritten,
  type ConnectionCommand,
  ConnectionNotFoundError,
  ConnectionRemovedError,
  type ConnectionState,
  connectionDecider,
  ManagedByConfigError,
  type RemoveConnection,
  type RuleAsWritten,
  type SwitchConnection,
} from './connection/connection.decider.js';
export {
  comparableSubject,
  domainOf,
  type Groups,
  type MappedIdentity,
  mapIdentity,
  type OfferedValue,
  STANDARD_ATTRIBUTES,
} from './connection/identity-mapping.js';
export { mayLink } from './connection/linking.js';
export { type DueRole, dueKey, type MatchedClaim, rolesDue } from './connection/rules.js';
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
