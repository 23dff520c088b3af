export {
  type Belonging,
  beginBelonging,
  bindInstallation,
  endBelonging,
  readBelonging,
  recordLogBegun,
} from './belonging.queries.js';
export { canonicalHash } from './canonical-hash.js';
export { CopyIncompleteError, CopyStoppedError, CopyTargetDiffersError } from './copy-log.errors.js';
export {
  type CopyOptions,
  type CopyPlan,
  type CopyProgress,
  type CopyReport,
  type CopyTarget,
  copyLog,
  type LogTotals,
  planCopy,
} from './copy-log.js';
export { SealedEventMissingError } from './ledger.errors.js';
export { ledgerMigrations } from './ledger.migration.js';
export {
  lastSealedRow,
  MAX_SEALED_PAGE,
  readSealedRows,
  type SealedRow,
  type SealedStream,
  sealedRowsAt,
  sealedStreams,
} from './sealed-log.queries.js';
export { sealedNudge } from './sealed-nudge.js';
export { requireSealedTail } from './sealed-tail.js';
export { keepSealing, SEAL_BATCH, type Sealed, type Sealing, sealPending } from './sealer.js';
export { InstallationRunningError, StoreNotCopiedError, TooManyPlacesError } from './store-move.errors.js';
export { moveToStore, type StoreMoveOptions, type StoreMoveProgress, type StoreMoveReport } from './store-move.js';
export {
  compareSealedLog,
  type Finding,
  type SealedLogProblem,
  type Verification,
  type VerificationProgress,
  verifySealedLog,
} from './verify-sealed-log.js';
