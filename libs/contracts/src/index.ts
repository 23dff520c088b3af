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
export { OWN_SOURCE_OF_USE } from './events/finding.events.js';
export { SCOPES, type Scope, type TenantSettings, tenantSettings } from './events/installation.events.js';
export { NOTICE_KINDS } from './events/notice.events.js';
export { DELIVERY_FAILURES } from './events/report.events.js';
export { REVIEW_CAUSES } from './events/review.events.js';
export { type RoleSettings, roleSettings } from './events/role.events.js';
export {
  type Expression,
  expression,
  type MappingRule,
  type RuleCondition,
  ruleCondition,
} from './mapping-language.js';
export { withPersonalTexts, withPrincipals } from './policy-principals.js';
export {
  type ConformancePolicy,
  type ElevationPolicy,
  FINDING_KINDS,
  type FindingAction,
  type FindingKind,
  POLICY_PRINCIPALS,
  type PolicySettings,
  policySettings,
  REVIEW_TRIGGERS,
  type Reviewer,
  type ReviewPolicy,
  type ReviewScope,
  type ReviewTrigger,
  reviewPolicy,
  type SodPolicy,
  WATCHED_KINDS,
  type WatchPolicy,
} from './policy-settings.js';
export {
  DELIVERY_CHANNELS,
  type DeliveryChannel,
  REPORT_FORMATS,
  REPORT_KINDS,
  REPORT_PERIODS,
  REPORT_SCHEDULES_MAX,
  type ReportPeriod,
  type ReportSchedule,
} from './report-settings.js';
export {
  type AccountSource,
  type ClaimList,
  GRANTS_PER_EVENT_MAX,
  type GrantFact,
  type GrantSource,
  NAME_PATTERN,
  type Profile,
} from './vocabulary.js';
