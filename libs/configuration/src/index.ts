export { builtInRoles } from './built-in-roles.js';
export {
  ConfigurationInvalidError,
  type ConfigurationProblem,
  ConfirmationRequiredError,
} from './configuration.errors.js';
export type { Configuration, ConnectionConfiguration, TenantConfiguration } from './configuration.schema.js';
export { configurationHash } from './configuration-hash.js';
export { fileReferences, noReferences } from './file-references.js';
export { type PlannedChange, type PlannedCommand, planConfiguration } from './plan-configuration.js';
export { type References, readConfiguration } from './read-configuration.js';
