export { type AccountResource, toAccountResource } from './accounts/account-resource.js';
export {
  type AccountFilter,
  type AccountListQuery,
  type AccountRecord,
  findAccount,
  listAccounts,
  PersonalSearchError,
} from './accounts/accounts.queries.js';
export { type ConnectionVersion, findConnectionVersion, findRuleVersion } from './connections/connections.queries.js';
export { type EventBodies, readEventBodies } from './events/event-bodies.js';
export { type EventListQuery, type EventPlace, findEventPlaces, listEvents } from './events/events.queries.js';
export { type GrantResource, toGrantResource } from './grants/grant-resource.js';
export {
  type AccessQuery,
  findAccess,
  findGrant,
  type GrantRecord,
  type KnownInstant,
} from './grants/grants.queries.js';
export { connectionIsKnown, isSubjectOfEvents, roleIsKnown } from './known-ids.queries.js';
export { type LinkProposal, listLinkProposals } from './link-proposals/link-proposals.queries.js';
export { type Page, WITHHELD } from './page.js';
export { PERSONAL_COLUMNS } from './personal-columns.js';
export type { Checkpoint } from './projecting/checkpoints.js';
export { countParkedStreams } from './projecting/parked-streams.js';
export type { Projection } from './projecting/projection.js';
export {
  PROJECTION_BATCH,
  ProjectionRunner,
  type ProjectionRunnerOptions,
  type RunnerStatus,
  type Stop,
} from './projecting/projection-runner.js';
export type { EventReader } from './projecting/sighted-events.js';
export { PROJECTIONS } from './projections.js';
export { readModelMigrations } from './read-model.migrations.js';
export { readPosition } from './read-position.js';
