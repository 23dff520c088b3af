export {
  type AccessReviewListQuery,
  type AccessReviewRecord,
  findAccessReview,
  findAccessReviews,
  findUnfinishedReviews,
  type UnfinishedReview,
} from './access-reviews/access-reviews.queries.js';
export {
  type AccountAsOf,
  type AccountStatusSince,
  accountIsCurrent,
  accountStatuses,
  accountsAsOf,
} from './account-history/account-history.queries.js';
export { type AccountResource, toAccountResource } from './accounts/account-resource.js';
export {
  type AccountFilter,
  type AccountListQuery,
  type AccountRecord,
  findAccount,
  listAccounts,
  PersonalSearchError,
} from './accounts/accounts.queries.js';
export {
  type LastUse,
  lastSignIns,
  lastUses,
  type SomeAccounts,
  type SourceOfUse,
  sourcesOfUse,
} from './activity/activity.queries.js';
export { type UnknownGroups, type UnknownGroupsQuery, unknownGroups } from './activity/unknown-groups.queries.js';
export {
  type DormantAccount,
  dormantAccounts,
  type ManagedAccount,
  managedAccounts,
  type OrphanAccount,
  orphanAccounts,
  type UnsponsoredAccount,
  unsponsoredAccounts,
} from './candidates/accounts-at-issue.queries.js';
export {
  type GrantInScope,
  type GrantsInScopeQuery,
  grantsInScope,
} from './candidates/grants-in-scope.queries.js';
export { SOURCE_HEARD_BY } from './candidates/orphan-sources.js';
export type { AccountScanQuery } from './candidates/scan-accounts.js';
export { type ConnectionVersion, findConnectionVersion, findRuleVersion } from './connections/connections.queries.js';
export {
  type DueElevation,
  type ElevationListQuery,
  type ElevationRecord,
  findDueElevations,
  findElevation,
  findElevations,
} from './elevations/elevations.queries.js';
export { type EventBodies, readEventBodies } from './events/event-bodies.js';
export { type IndexedAs, indexedAs } from './events/events.projection.js';
export {
  type EventListQuery,
  type EventPlace,
  findEventPlaces,
  findLastSignIns,
  listEvents,
} from './events/events.queries.js';
export {
  countFindings,
  type FindingCount,
  type FindingListQuery,
  type FindingRecord,
  findFinding,
  findFindings,
  findStandingFindings,
} from './findings/findings.queries.js';
export { findLastEvent, type LastEventQuery } from './findings/last-event.queries.js';
export {
  type ActionableFinding,
  type ActionableQuery,
  countActionable,
  type FindingNews,
  type FindingsOf,
  findActionable,
  findFindingNews,
  findKnownFindings,
  findStandingOf,
  findStandingOutside,
  type StandingFinding,
} from './findings/standing-findings.queries.js';
export { type GrantTally, type GrantTallyQuery, tallyGrants } from './grant-counts/grant-counts.queries.js';
export {
  type GrantEnd,
  type GrantOrigin,
  grantApprovalsOf,
  grantEndsOf,
  grantOriginsOf,
  type KnownTenant,
} from './grant-origins/grant-origins.queries.js';
export { type GrantResource, toGrantResource } from './grants/grant-resource.js';
export {
  type AccessQuery,
  findAccess,
  findGrant,
  type GrantRecord,
  type KnownInstant,
} from './grants/grants.queries.js';
export {
  countWaitingChanges,
  type DueHeldChange,
  findDueHeldChanges,
  findHeldChange,
  findHeldChanges,
  type HeldChangeListQuery,
  type HeldChangeRecord,
} from './held-changes/held-changes.queries.js';
export { applicationIsKnown, connectionIsKnown, isSubjectOfEvents, roleIsKnown } from './known-ids.queries.js';
export { type LinkProposal, listLinkProposals } from './link-proposals/link-proposals.queries.js';
export { type ListPlace, type Page, type Scan, WITHHELD } from './page.js';
export { type AccountName, accountNames } from './people/account-names.queries.js';
export { type AskedPeers, type Peers, peersOf } from './people/peers.queries.js';
export { PERSONAL_COLUMNS } from './personal-columns.js';
export type { SealedLogAtHand } from './projecting/catch-up.js';
export { type Checkpoint, Checkpoints, readCheckpoints } from './projecting/checkpoints.js';
export { countParkedStreams, listParked, MAX_PARKED_LISTED, type ParkedStream } from './projecting/parked-streams.js';
export { lockPartitions } from './projecting/places.js';
export type { Projection } from './projecting/projection.js';
export {
  PROJECTOR_GROUP,
  ProjectionRunner,
  type ProjectionRunnerOptions,
  type RunnerStatus,
} from './projecting/projection-runner.js';
export { type Replaying, type ReplayQuery, replayParked } from './projecting/replay-parked.js';
export type { EventReader } from './projecting/sighted-events.js';
export { ProjectionHeldError } from './projecting/standing.js';
export { PROJECTION_BATCH, type Taken, type Traced } from './projecting/take-batches.js';
export type { NotUnderstood, Stop } from './projecting/understanding.js';
export { type ProjectionStanding, projectionStandings } from './projection-standings.queries.js';
export { PROJECTIONS } from './projections.js';
export { readModelMigrations } from './read-model.migrations.js';
export { readPosition } from './read-position.js';
export { countDifferences, MAX_TOLD_KEYS, type TableDifferences } from './rebuilding/compare-tables.js';
export type { RebuildPlan } from './rebuilding/plan-rebuild.js';
export {
  type ProjectionWork,
  planRebuilds,
  type ReplayOutcome,
  rebuildProjections,
  replayParkedStreams,
  verifyProjections,
} from './rebuilding/projection-work.js';
export {
  type Rebuilding,
  type RebuildOutcome,
  type RebuildProgress,
  rebuildProjection,
  verifyProjection,
} from './rebuilding/rebuild-projection.js';
export { UnknownProjectionError } from './rebuilding/rebuilding.errors.js';
export { type LastRecordedUse, lastUsesAsOf } from './recorded-uses/recorded-uses.queries.js';
export { countReviewDecisions, type LastReview, lastReviewsAsOf } from './review-decisions/review-decisions.queries.js';
export { type Due, type DueItem, type DueItemsQuery, findDueItems } from './review-items/due-items.queries.js';
export {
  countOutcomes,
  decidersOf,
  findLastDecisions,
  findReviewItem,
  findReviewItems,
  type ReviewItemListQuery,
  type ReviewItemRecord,
} from './review-items/review-items.queries.js';
export {
  type ExpiredReviewer,
  findExpiredReviewers,
  findUnaskedItems,
  type UnaskedItem,
} from './review-items/reviewers-missing.queries.js';
export {
  findLiveItemsOf,
  findMootItems,
  findRevokingItems,
  type RevokingItem,
} from './review-items/standing-items.queries.js';
export { type RoleAsOf, rolesAsOf } from './roles/roles.queries.js';
export {
  findExceptionsEnding,
  findSodException,
  findSodExceptions,
  type SodExceptionListQuery,
  type SodExceptionRecord,
} from './sod-exceptions/sod-exceptions.queries.js';
export type { TenantInstant } from './tenant-instant.js';
export { hasItsSuccessor } from './version-chain.js';
export { lastSignInsAsOf } from './withdrawn-sign-ins/last-sign-ins.queries.js';
