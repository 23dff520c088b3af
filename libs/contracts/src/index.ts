export { type Catalogue, catalogue, catalogueOf, EVENT_ENTRIES } from './catalogue.js';
export {
  type ConnectionSettings,
  connectionSettings,
  type JwtConnection,
  type OAuth2Connection,
  type OidcConnection,
  type SamlConnection,
  SETTINGS_BEFORE_PROTOCOLS,
  type SignalsConnection,
} from './connection-settings.js';
export { type EventEntry, event, type PersonalField, type SubjectSource, type Upcaster } from './event-entry.js';
export type * from './event-types.js';
export { type ClientSettings, clientSettings } from './events/client.events.js';
export type { MetadataFacts } from './events/connection.events.js';
export { SCOPES, type Scope, type TenantSettings, tenantSettings } from './events/installation.events.js';
export { type RoleSettings, roleSettings } from './events/role.events.js';
export {
  type Expression,
  expression,
  type MappingRule,
  type RuleCondition,
  ruleCondition,
} from './mapping-language.js';
export {
  type AccountSource,
  type ClaimList,
  GRANTS_PER_EVENT_MAX,
  type GrantFact,
  type GrantSource,
  NAME_PATTERN,
  type Profile,
} from './vocabulary.js';
