export {
  absorbed,
  assigned,
  confirmed,
  deactivated,
  type GrantDetails,
  grantId,
  keptBack,
  linked,
  merged,
  profileUpdated,
  provisioned,
  reactivated,
  reduced,
  revoked,
  unlinked,
} from './account.facts.js';
export { Chronicle, HISTORY_BEGINS, historyOf } from './chronicle.js';
export {
  type ConnectionOverrides,
  connectionChanged,
  connectionDisabled,
  connectionMetadataRefreshed,
  connectionRegistered,
  connectionSettings,
  connectionSettingsWith,
  installationCreated,
  roleChanged,
  roleDefined,
  roleRetired,
  rule,
  sampleMetadata,
  sampleOAuth2,
  sampleOidc,
  sampleTenantSettings,
  tenantRegistered,
} from './configuration.facts.js';
export { at, doneBy, type Fact } from './facts.js';
export {
  applicationSignedIn,
  changeApplied,
  changeApproved,
  changeHeld,
  changeId,
  changeRefused,
  elevationApproved,
  elevationEnded,
  elevationExtended,
  elevationId,
  elevationRefused,
  elevationRequested,
  emergencyChange,
  exceptionEnded,
  exceptionGranted,
  exceptionId,
  findingAccepted,
  findingActedUpon,
  findingAssigned,
  findingId,
  findingRaised,
  findingResolved,
  grantOfElevation,
  usageReported,
  violationDetected,
  withoutGroups,
} from './governance.facts.js';
export { adasPartition, cy, ofAda, partitionedHistory } from './partitioned-history.js';
export { ada, bo, olga, type Person, person, yusuf } from './people.js';
export { randomGovernance } from './random-governance.js';
export { randomHistory } from './random-history.js';
export {
  aReview,
  decisionId,
  itemAssigned,
  itemClosed,
  itemDecided,
  itemOf,
  itemOpened,
  itemReminded,
  itemReopened,
  reviewClosed,
  reviewHeld,
  reviewOpened,
  reviewPopulated,
  reviewSignedOff,
  type SomeItem,
  type SomeReview,
  sampleReviewTerms,
} from './review.facts.js';
export { seededId } from './seeded-id.js';
export { signedIn, signInId, signInRefused } from './sign-in.facts.js';
export { by, byElevation, byHand, manually, through } from './sources.js';
export { batchOf, clearReader, storedInClear, storeOf } from './stored-in-clear.js';
export { writeHistory } from './write-history.js';
