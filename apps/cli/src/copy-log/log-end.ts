import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { migrate, openDatabase } from '#libs/database';
import {
  type EventStore,
  eventStoreMigrations,
  isKurrentDbUrl,
  kurrentDbEventStore,
  postgresEventStore,
} from '#libs/event-store';
import { describeError, type Engine, type Environment } from '#libs/platform';
import { WrongUseError } from '../command.js';
import { logToStandardError } from '../installation.js';

/** Appends that the PostgreSQL store writes in one statement in the order given. */
const POSTGRES_TOGETHER = 256;

/** What stands for a data folder, with its embedded database. */
const FOLDER = 'file:';

/** One end of a copy, open. */
export interface LogEnd {
  readonly store: EventStore;
  /** How many appends it takes at once in the order given. */
  readonly together: number;
  close(): Promise<void>;
}

/** An installation that is open already: its own store and database are not opened a second time. */
export interface OwnEnds {
  readonly engine: Engine;
  readonly environment: Environment;
}

/**
 * Opens the store at an address.
 * @param make whether a database without a log gets an empty one
 * @returns null where there is no log and none is to be made
 * @throws {WrongUseError} for an address of another kind
 */
export async function openEnd(address: string, make: boolean, own: OwnEnds | null): Promise<LogEnd | null> {
  if (own && address === own.environment.eventStoreUrl) return lent(own.engine.store, 1);
  if (own && isOwnDatabase(address, own.environment)) return lentDatabase(own);
  if (isKurrentDbUrl(address)) return kurrentDbEnd(address);
  if (/^postgres(ql)?:\/\//.test(address)) return databaseEnd({ url: address, dataDir: '' }, make);
  if (address.startsWith(FOLDER)) {
    const dataDir = address.slice(FOLDER.length);
    return make || existsSync(dataDir) ? databaseEnd({ dataDir }, make) : null;
  }
  throw new WrongUseError(
    'A log is at postgresql://…, at kurrentdb://… or esdb://…, or in file:FOLDER, a data folder that no server holds.',
  );
}

/** Whether an address names the database that the installation itself works with. */
export function isOwnDatabase(address: string, { databaseUrl, dataDir }: Environment): boolean {
  if (databaseUrl !== null) return address === databaseUrl;
  return address.startsWith(FOLDER) && resolve(address.slice(FOLDER.length)) === resolve(dataDir);
}

const lent = (store: EventStore, together: number): LogEnd => ({ store, together, close: async () => {} });

function lentDatabase({ engine, environment }: OwnEnds): LogEnd {
  if (environment.eventStoreUrl === null) return lent(engine.store, POSTGRES_TOGETHER);
  const store = postgresEventStore({ database: engine.database });
  return { store, together: POSTGRES_TOGETHER, close: () => store.close() };
}

function kurrentDbEnd(url: string): LogEnd {
  const log = logToStandardError();
  const onTrouble = (error: unknown) => log.warn({ err: describeError(error) }, 'reaching the event store');
  const store = kurrentDbEventStore({ url, onTrouble });
  return { store, together: 1, close: () => store.close() };
}

async function databaseEnd(
  where: { readonly url?: string; readonly dataDir: string },
  make: boolean,
): Promise<LogEnd | null> {
  const database = await openDatabase({ ...where, log: logToStandardError() });
  try {
    const { rows } = await database.query<{ held: boolean }>(`select to_regclass('es.events') is not null as held`);
    if (!rows[0]?.held) {
      if (!make) {
        await database.close();
        return null;
      }
      await migrate(database, eventStoreMigrations);
    }
    const store = postgresEventStore({ database });
    const close = async () => {
      await store.close();
      await database.close();
    };
    return { store, together: POSTGRES_TOGETHER, close };
  } catch (error) {
    await database.close();
    throw error;
  }
}
