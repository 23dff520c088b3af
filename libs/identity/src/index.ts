export { type AccessEpochsFollowerDependencies, accessEpochsFollower } from './access-epochs/access-epochs.follower.js';
export {
  type AccessEpochs,
  type AccountEpoch,
  type AccountRef,
  accessEpochs,
  endsSessions,
} from './access-epochs/access-epochs.js';
export { identityMigrations } from './identity.migrations.js';
export { foldCase } from './identity-keys/fold-case.js';
export { type KeyKind, type LinkedSubject, MAX_KEY_VALUE_LENGTH } from './identity-keys/identity-key.js';
export {
  AccountExistsUnlinkedError,
  IdentityKeysBehindError,
  IdentityKeysContendedError,
  IdentityKeyTakenError,
  IdentityValueError,
  UsernameTakenError,
} from './identity-keys/identity-keys.errors.js';
export {
  type IdentityKeysFollower,
  type IdentityKeysFollowerDependencies,
  identityKeysFollower,
} from './identity-keys/identity-keys.follower.js';
export {
  CLAIM_LIFETIME_MS,
  type ClaimRequest,
  type IdentifyingAttributes,
  type IdentityKeys,
  type IdentityKeysDependencies,
  identityKeys,
  type Resolved,
  type ResolveRequest,
} from './identity-keys/identity-keys.js';
export { findPrincipals, type NamedAccounts, type PrincipalsWanted } from './identity-keys/principals.js';
export type { AttributeKind, Found } from './identity-keys/resolution.js';
export {
  type Authentication,
  type LiveSession,
  type SessionStart,
  type Sessions,
  type SessionsDependencies,
  SWEEP_ROWS,
  sessions,
} from './sessions/sessions.js';
export type { AccountSessions, NamedSessions, SourceSession } from './sessions/source-session.js';
export {
  AssertionReplayedError,
  type AssertionReplays,
  type AssertionReplaysDependencies,
  type AssertionUse,
  assertionReplays,
} from './sign-in-transactions/assertion-replays.js';
export {
  MAX_RETURN_TO_LENGTH,
  type SignInTransaction,
  type SignInTransactions,
  type SignInTransactionsDependencies,
  signInTransactions,
  TRANSACTION_LIFETIME_MS,
  TRANSACTIONS_PER_CONNECTION,
} from './sign-in-transactions/sign-in-transactions.js';
export { FollowerAheadError, type StoreFollower } from './store-follower.js';
