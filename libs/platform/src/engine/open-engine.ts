import { type SealedEvents, sealedLogEvents } from '#libs/bus';
import { Catalog } from '#libs/catalog';
import { catalogue } from '#libs/contracts';
import { type Database, type Leases, leases, migrate, openDatabase } from '#libs/database';
import { type EventStore, postgresEventStore, type WritePath } from '#libs/event-store';
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
import {
  checkFingerprint,
  type Keyring,
  openKeyring,
  type SubjectKeys,
  serverSecret,
  subjectKeys,
  type VaultCodec,
  vaultCodec,
} from '#libs/vault';
import type { Environment } from '../environment/environment.js';
import { describeError } from '../logging/describe-error.js';
import type { Log } from '../logging/log.js';
import { beginLog } from './first-event.js';
import { MIGRATIONS } from './migrations.js';

/** The clock of the machine. */
export const systemClock: Clock = { now: () => new Date() };

/** What an engine is opened with. */
export interface EngineOptions {
  readonly environment: Pick<Environment, 'databaseUrl' | 'dataDir' | 'keyring'>;
  readonly log: Log;
  readonly clock?: Clock | undefined;
  /** Called once if the embedded database dies under the process. Default: the process ends. */
  readonly onFatal?: ((error: Error) => void) | undefined;
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
  readonly sealedEvents: SealedEvents;
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
 * @throws {DatabaseNewerError} when a newer version has used the database
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { environment, log, onFatal = exitOn(log) } = options;
  const { databaseUrl, dataDir } = environment;
  const database = await openDatabase({ ...(databaseUrl ? { url: databaseUrl } : {}), dataDir, log, onFatal });
  try {
    return await overDatabase(database, options);
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function overDatabase(
  database: Database,
  { environment, log, clock = systemClock }: EngineOptions,
): Promise<Engine> {
  const applied = await migrate(database, MIGRATIONS);
  if (applied.length > 0) log.info({ migrations: applied }, 'database schema brought up to date');
  const keyring = await openKeyring(environment.keyring);
  await checkFingerprint(database, keyring);
  const csrfKey = await serverSecret({ database, keyring, clock }, 'csrf');
  const store = postgresEventStore({ database, onTrouble: reportTo(log, 'reading the event store') });
  try {
    const parts = wire(database, keyring, store, clock, log);
    return {
      ...parts,
      csrfKey,
      installation: await beginLog(parts.writePath, keyring),
      close: closing(store, database),
    };
  } catch (error) {
    await store.close();
    throw error;
  }
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
    sealedEvents: sealedLogEvents({ database, store, onTrouble: reportTo(log, 'reading the sealed log') }),
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
