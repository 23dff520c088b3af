import { type KafkaOptions, kafkaEvents, type SealedEvents, sealedLogEvents } from '#libs/bus';
import { Catalog } from '#libs/catalog';
import { catalogue } from '#libs/contracts';
import { type Database, type Leases, leases, migrate, openDatabase } from '#libs/database';
import { type Egress, egress } from '#libs/egress';
import { type EventStore, kurrentDbEventStore, postgresEventStore, type WritePath } from '#libs/event-store';
import {
  type AccessEpochs,
  type AssertionReplays,
  accessEpochs,
  accessEpochsFollower,
  assertionReplays,
  type IdentityKeys,
  type IdentityKeysFollower,
  identityKeys,
  identityKeysFollower,
  type Sessions,
  type SignInTransactions,
  type StoreFollower,
  sessions,
  signInTransactions,
} from '#libs/identity';
import type { Clock } from '#libs/kernel';
import { beginBelonging } from '#libs/ledger';
import {
  checkFingerprint,
  hasFingerprint,
  type KeyPairs,
  type Keyring,
  keyPairs,
  openKeyring,
  type SecretValues,
  type SubjectKeys,
  secretValues,
  serverSecret,
  subjectKeys,
  type VaultCodec,
  vaultCodec,
} from '#libs/vault';
import type { Environment } from '../environment/environment.js';
import { describeError } from '../logging/describe-error.js';
import type { Log } from '../logging/log.js';
import type { EventStoreObserver } from '../metrics/event-store-observer.js';
import type { ProjectionMetrics } from '../metrics/projection.metrics.js';
import { joinInstallation } from './belonging.js';
import { explainedAtStart } from './event-store-unreachable.error.js';
import { refuseForeignTopic } from './foreign-topic.js';
import { MIGRATIONS } from './migrations.js';

/** The clock of the machine. */
export const systemClock: Clock = { now: () => new Date() };

/** What an engine is opened with. */
export interface EngineOptions {
  readonly environment: Pick<
    Environment,
    'databaseUrl' | 'eventStoreUrl' | 'kafka' | 'dataDir' | 'keyring' | 'egressAllow'
  >;
  readonly log: Log;
  readonly clock?: Clock | undefined;
  /**
   * Whether the process publishes to Kafka or reads from it: where Kafka is used, it then refuses to start on the topic of another
   * installation. Default false.
   */
  readonly usesKafka?: boolean | undefined;
  /** Called once if the embedded database dies under the process. Default: the process ends. */
  readonly onFatal?: ((error: Error) => void) | undefined;
  /** Watches the appends. */
  readonly observer?: Pick<EventStoreObserver, 'observe' | 'committed'> | undefined;
  /** Counts what readers of Kafka notice. */
  readonly projecting?: Pick<ProjectionMetrics, 'rebalanced' | 'skippedDuplicates'> | undefined;
}

/** Everything below the applications, open and wired: one per process. */
export interface Engine {
  /** Id of the installation. */
  readonly installation: string;
  readonly clock: Clock;
  readonly database: Database;
  readonly leases: Leases;
  readonly keyring: Keyring;
  readonly store: EventStore;
  readonly codec: VaultCodec;
  readonly writePath: WritePath;
  readonly catalog: Catalog;
  readonly subjectKeys: SubjectKeys;
  readonly identityKeys: IdentityKeys;
  readonly identityKeysFollower: IdentityKeysFollower;
  readonly accessEpochs: AccessEpochs;
  readonly accessEpochsFollower: StoreFollower;
  readonly sessions: Sessions;
  readonly signInTransactions: SignInTransactions;
  readonly assertionReplays: AssertionReplays;
  readonly secretValues: SecretValues;
  readonly keyPairs: KeyPairs;
  /** The one way to other servers over HTTP. */
  readonly egress: Egress;
  /** The sealed log as readers receive it: through Kafka where it is used. */
  readonly sealedEvents: SealedEvents;
  /** How Kafka is reached; null where readers tail the sealed log. */
  readonly kafka: KafkaOptions | null;
  /** Key that CSRF tokens derive from; the same on every server. */
  readonly csrfKey: Buffer;
  /** Closes in the opposite order of opening. A second call changes nothing. */
  close(): Promise<void>;
}

/**
 * Opens the database (and its lock, where it is embedded), brings its schema up to date, checks that the keyring is the one that its
 * data was encrypted under, and makes sure that the log has begun. Whatever fails, nothing stays open.
 * @throws {DataFolderInUseError} when another process holds the data folder
 * @throws {KeyringMismatchError} when the keyring is another
 * @throws {KeyringMissingError} when the database has a keyring and the file named is not there; none is made
 * @throws {DatabaseNewerError} when a newer version has used the database
 * @throws {InstallationMismatchError} when database, keyring and event store are not of one installation
 * @throws {EventStoreUnreachableError} when the event store does not answer
 * @throws {ForeignTopicError} when Kafka's topic is another installation's, for a process that uses it
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { environment, log, onFatal = exitOn(log) } = options;
  const { databaseUrl, dataDir } = environment;
  const url = databaseUrl ? { url: databaseUrl } : {};
  const database = await openDatabase({ ...url, dataDir, log, schema: MIGRATIONS, onFatal });
  try {
    return await overDatabase(database, options);
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function overDatabase(database: Database, options: EngineOptions): Promise<Engine> {
  const { environment, log, clock = systemClock, observer } = options;
  const applied = await migrate(database, MIGRATIONS);
  if (applied.length > 0) log.info({ migrations: applied }, 'database schema brought up to date');
  await beginBelonging(database);
  const keyring = await openKeyring(environment.keyring, { mayMake: !(await hasFingerprint(database)) });
  await checkFingerprint(database, keyring);
  const csrfKey = await serverSecret({ database, keyring, clock }, 'csrf');
  const opened = openStore(database, options);
  try {
    const store = observer?.observe(opened) ?? opened;
    const parts = wire(database, keyring, store, clock, log);
    const external = environment.eventStoreUrl !== null;
    const installation = await joinInstallation({ path: parts.writePath, keyring, database, external });
    const kafka = kafkaOptionsOf(environment);
    if (kafka && options.usesKafka) await refuseForeignTopic({ kafka, installation }, log);
    return {
      ...parts,
      csrfKey,
      egress: egress({ allow: environment.egressAllow }),
      installation,
      kafka,
      sealedEvents: openSealedEvents({ ...options, database, store, installation, kafka }),
      close: closing(store, database),
    };
  } catch (error) {
    await opened.close();
    throw explainedAtStart(error, environment.eventStoreUrl);
  }
}

function openStore(database: Database, { environment, log, observer }: EngineOptions): EventStore {
  const onTrouble = reportTo(log, 'reaching the event store');
  if (environment.eventStoreUrl !== null) return kurrentDbEventStore({ url: environment.eventStoreUrl, onTrouble });
  return postgresEventStore({ database, onTrouble, onCommitted: observer?.committed });
}

function kafkaOptionsOf({ kafka }: EngineOptions['environment']): KafkaOptions | null {
  if (kafka === null) return null;
  const { brokers, topic, ssl, sasl } = kafka;
  return { brokers, topic, ssl, ...(sasl ? { sasl } : {}) };
}

interface SealedEventsSource extends EngineOptions {
  readonly database: Database;
  readonly store: EventStore;
  readonly installation: string;
  readonly kafka: KafkaOptions | null;
}

function openSealedEvents({ database, store, installation, kafka, log, projecting }: SealedEventsSource): SealedEvents {
  const onTrouble = reportTo(log, 'reading the sealed log');
  if (kafka === null) return sealedLogEvents({ database, store, onTrouble });
  return kafkaEvents({
    kafka,
    installation,
    onTrouble,
    onDuplicate: (count) => projecting?.skippedDuplicates(count),
    onRebalance: () => projecting?.rebalanced(),
    log: (level, message) => log[level](message),
  });
}

function wire(database: Database, keyring: Keyring, store: EventStore, clock: Clock, log: Log) {
  const basis = { database, keyring, clock };
  const keys = subjectKeys(basis);
  const codec = vaultCodec({ catalogue, subjectKeys: keys, keyring });
  const keysFollower = identityKeysFollower({
    ...basis,
    store,
    codec,
    onFailure: reportTo(log, 'following the store for identity keys'),
  });
  return {
    ...basis,
    store,
    codec,
    leases: leases(database),
    writePath: { store, codec, clock },
    catalog: new Catalog(store, codec),
    subjectKeys: keys,
    identityKeys: identityKeys({ ...basis, caughtUp: keysFollower.caughtUp }),
    identityKeysFollower: keysFollower,
    accessEpochs: accessEpochs(database),
    accessEpochsFollower: accessEpochsFollower({
      database,
      store,
      onFailure: reportTo(log, 'following the store for access epochs'),
    }),
    sessions: sessions(basis),
    signInTransactions: signInTransactions(basis),
    assertionReplays: assertionReplays(basis),
    secretValues: secretValues(basis),
    keyPairs: keyPairs(basis),
  };
}

function closing(store: EventStore, database: Database): () => Promise<void> {
  let closed: Promise<void> | undefined;
  const close = async () => {
    await store.close();
    await database.close();
  };
  return () => {
    closed ??= close();
    return closed;
  };
}

const reportTo = (log: Log, doing: string) => (error: unknown) =>
  log.warn({ err: describeError(error), doing }, 'will be tried again');

/** Without its database the process can do nothing; whoever started it should start it again. */
const exitOn = (log: Log) => (error: Error) => {
  log.fatal({ err: describeError(error) }, 'the embedded database is gone: this process ends');
  process.exit(1);
};
