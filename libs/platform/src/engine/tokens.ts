// What the engine provides, by token. Interfaces have no value at run time, so Nest cannot inject them by type.

/** The whole engine, for those who wire or close it: `Engine`. */
export const ENGINE = Symbol('ENGINE');
/** What the environment says: `Environment`. */
export const ENVIRONMENT = Symbol('ENVIRONMENT');
/** The time: `Clock`. */
export const CLOCK = Symbol('CLOCK');
/** The PostgreSQL, embedded or not: `Database`. */
export const DATABASE = Symbol('DATABASE');
/** Exclusive roles: `Leases`. */
export const LEASES = Symbol('LEASES');
/** Key-encryption keys and look-up HMACs: `Keyring`. */
export const KEYRING = Symbol('KEYRING');
/** `EventStore`. */
export const EVENT_STORE = Symbol('EVENT_STORE');
/** Schema check, encryption, upcasting: `VaultCodec`, which is an `EventCodec`. */
export const EVENT_CODEC = Symbol('EVENT_CODEC');
/** Store, codec and clock together, as `decideAndAppend` takes them: `WritePath`. */
export const WRITE_PATH = Symbol('WRITE_PATH');
/** Tenants, connections, roles and keys as they stand in the store: `Catalog`. */
export const CATALOG = Symbol('CATALOG');
/** Per-subject data keys: `SubjectKeys`. */
export const SUBJECT_KEYS = Symbol('SUBJECT_KEYS');
/** The arbiter of who is the same person: `IdentityKeys`. */
export const IDENTITY_KEYS = Symbol('IDENTITY_KEYS');
/** Since which revision an account's sessions are valid: `AccessEpochs`. */
export const ACCESS_EPOCHS = Symbol('ACCESS_EPOCHS');
/** People's sessions: `Sessions`. */
export const SESSIONS = Symbol('SESSIONS');
/** Sign-ins under way in a browser: `SignInTransactions`. */
export const SIGN_IN_TRANSACTIONS = Symbol('SIGN_IN_TRANSACTIONS');
/** Assertions that were seen before: `AssertionReplays`. */
export const ASSERTION_REPLAYS = Symbol('ASSERTION_REPLAYS');
/** The sealed log, live: `SealedEvents`. */
export const SEALED_EVENTS = Symbol('SEALED_EVENTS');
/** How Kafka is reached, where it carries the sealed log: `KafkaOptions | null`. */
export const KAFKA = Symbol('KAFKA');
/** Secrets that connections use at their providers, by fingerprint: `SecretValues`. */
export const SECRET_VALUES = Symbol('SECRET_VALUES');
/** The servers' own key pairs: `KeyPairs`. */
export const KEY_PAIRS = Symbol('KEY_PAIRS');
/** The one way to other servers over HTTP: `Egress`. */
export const EGRESS = Symbol('EGRESS');
