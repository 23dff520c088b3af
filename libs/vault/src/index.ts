export { type VaultCodec, type VaultCodecDependencies, vaultCodec } from './event-codec.js';
export { principalSubject } from './event-subjects.js';
export { CIPHERTEXT_KEY, type Ciphertext, ERASED, WITHHELD } from './field-encryption.js';
export { checkFingerprint, hasFingerprint } from './installation-keyring.js';
export { KEY_PAIRS_MAX, type KeyPair, type KeyPairs, type KeyPurpose, keyPairs } from './key-pairs.js';
export { ephemeralKeyring, type Keyring, type KeyringOptions, openKeyring } from './keyring.js';
export { SECRET_VALUE_BYTES_MAX, type SecretValues, secretValues } from './secret-values.js';
export { type SecretsDependencies, serverSecret } from './secrets.js';
export {
  daySubject,
  KEY_CACHE_SIZE,
  KEY_CACHE_TTL_MS,
  SUBJECTS_PER_STATEMENT,
  type SubjectKeyring,
  type SubjectKeys,
  type SubjectKeysDependencies,
  subjectKeys,
} from './subject-keys.js';
export type { SubjectRef } from './subject-keys.queries.js';
export {
  CiphertextRejectedError,
  EventRejectedError,
  KeyPairsFullError,
  KeyringMismatchError,
  KeyringMissingError,
  KeyringUnusableError,
  NewerSchemaVersionError,
  SecretValueMissingError,
  SecretValueRefusedError,
  SubjectErasedError,
  UnknownEventTypeError,
  UnwrapError,
} from './vault.errors.js';
export { vaultMigrations } from './vault.migrations.js';
