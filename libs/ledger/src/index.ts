export { canonicalHash } from './canonical-hash.js';
export { SealedEventMissingError } from './ledger.errors.js';
export { ledgerMigrations } from './ledger.migration.js';
export { lastSealedRow, MAX_SEALED_PAGE, readSealedRows, type SealedRow } from './sealed-log.queries.js';
export { sealedNudge } from './sealed-nudge.js';
export { keepSealing, SEAL_BATCH, type Sealed, type Sealing, sealPending } from './sealer.js';
export {
  compareSealedLog,
  type Finding,
  type SealedLogProblem,
  type Verification,
  verifySealedLog,
} from './verify-sealed-log.js';
