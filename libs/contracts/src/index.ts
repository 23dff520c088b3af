export { type Catalogue, catalogue, catalogueOf, EVENT_ENTRIES } from './catalogue.js';
export { type EventEntry, event, type PersonalField, type SubjectSource, type Upcaster } from './event-entry.js';
export type * from './event-types.js';
export {
  type ConnectionSettings,
  connectionSettings,
  type MappingRule,
  type RuleCondition,
} from './events/connection.events.js';
export { SCOPES, type Scope, type TenantSettings, tenantSettings } from './events/installation.events.js';
export { type RoleSettings, roleSettings } from './events/role.events.js';
export {
  type AccountSource,
  type ClaimList,
  GRANTS_PER_EVENT_MAX,
  type GrantFact,
  type GrantSource,
  NAME_PATTERN,
  type Profile,
} from './vocabulary.js';
