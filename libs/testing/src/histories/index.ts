export {
  absorbed,
  assigned,
  confirmed,
  deactivated,
  type GrantDetails,
  grantId,
  linked,
  merged,
  profileUpdated,
  provisioned,
  reactivated,
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
export { adasPartition, cy, ofAda, partitionedHistory } from './partitioned-history.js';
export { ada, bo, olga, type Person, person, yusuf } from './people.js';
export { randomHistory } from './random-history.js';
export { seededId } from './seeded-id.js';
export { signedIn, signInId, signInRefused } from './sign-in.facts.js';
export { by, byHand, manually, through } from './sources.js';
export { batchOf, clearReader, storedInClear, storeOf } from './stored-in-clear.js';
export { writeHistory } from './write-history.js';
