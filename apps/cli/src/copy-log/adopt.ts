import { isKurrentDbUrl } from '#libs/event-store';
import { type CopyReport, InstallationRunningError, moveToStore, type StoreMoveProgress } from '#libs/ledger';
import type { Engine, Environment } from '#libs/platform';
import { readPosition } from '#libs/read-model';
import { UndecidedError, WrongUseError } from '../command.js';
import { isOwnDatabase, type LogEnd } from './log-end.js';

/**
 * Makes sure that servers can work with the store at this address afterwards.
 * @throws {WrongUseError}
 */
export function requireUsableByServers(address: string, environment: Environment): void {
  if (isKurrentDbUrl(address) || isOwnDatabase(address, environment)) return;
  throw new WrongUseError(
    'With --adopt, --to must be a kurrentdb:// address, or the database of this installation as DATABASE_URL names it (file:FOLDER for its data folder): servers work with no other.',
  );
}

/**
 * Makes sure that nobody works with the database, as far as can be seen: on a PostgreSQL every server has connections under its own name.
 * @throws {InstallationRunningError}
 */
export async function requireStopped({ database }: Engine): Promise<void> {
  if (database.kind === 'embedded') return; // the lock of the data folder proves it
  const { rows } = await database.query<{ connections: number }>(
    `select count(*)::int as connections from pg_stat_activity
     where datname = current_database() and application_name = 'gatebook'`,
  );
  const others = (rows[0]?.connections ?? 0) - database.pool.totalCount;
  if (others > 0) throw new InstallationRunningError(`${others} other connections to the database`);
}

/** Moves the database to a store that has just been copied. @throws what `moveToStore` throws */
export async function adopt(
  engine: Engine,
  to: LogEnd,
  { moving }: CopyReport,
  work: { readonly signal: AbortSignal; readonly onProgress: (progress: StoreMoveProgress) => void },
): Promise<void> {
  if (moving) throw new InstallationRunningError('the source goes on');
  await requireStopped(engine);
  await requireReadersBesideKafka(engine);
  const { database, leases, clock, store } = engine;
  await moveToStore({ database, leases, clock, from: store, to: to.store, ...work });
}

/** Records of a topic name places in the old store for ever, so whatever is published has to be taken in before. */
async function requireReadersBesideKafka({ database }: Engine): Promise<void> {
  const { rows } = await database.query<{ published: number | null }>(
    'select max(position) as published from bus.publishing',
  );
  const behind = (rows[0]?.published ?? -1) - (await readPosition(database)).position;
  if (behind <= 0) return;
  throw new UndecidedError(
    `The read model has yet to take in ${behind} events that are published to Kafka. Nothing was changed. Start relay and projector as before, let them catch up, stop them, and run the same command again.`,
  );
}
