import { EVERY_PARTITION } from '#libs/bus';
import type { Database, Queryable } from '#libs/database';
import { lockPartitions } from '../projecting/places.js';
import type { Projection } from '../projecting/projection.js';
import { whileHeld } from './hold.js';
import { type Reach, readReach, sameReach } from './live-reach.js';
import { LiveMovedOnError } from './rebuilding.errors.js';

/** How often `work` is done before it is given up, where the live tables go on although they are held. */
const HELD_TRIES = 3;

/** Live tables that stand still. */
export interface FrozenLive {
  readonly reach: Reach;
  /** Reads them as they were at `reach`. */
  readonly client: Queryable;
}

/**
 * Shows the live tables as they stand at one moment, for as long as `work` takes. On a PostgreSQL of its own that is a snapshot, and the
 * live runner goes on meanwhile; on the embedded database, which has a single session and no long transactions, the runner is held, and
 * `work` is done again where a hold ran out and the runner went on.
 * @throws {LiveMovedOnError} when that happened each time
 */
export async function withFrozenLive<T>(
  database: Pick<Database, 'kind' | 'query' | 'transaction'>,
  projection: Projection,
  work: (live: FrozenLive) => Promise<T>,
): Promise<T> {
  if (database.kind === 'embedded') return withHeldLive(database, projection, work);
  return database.transaction(
    async (client) => {
      await client.query('set transaction isolation level repeatable read, read only');
      // it stands still while the twin catches up with it
      await client.query('set local idle_in_transaction_session_timeout = 0');
      return work({ reach: await readReach(client, projection), client });
    },
    { unhurried: true },
  );
}

async function withHeldLive<T>(
  database: Pick<Database, 'kind' | 'query' | 'transaction'>,
  projection: Projection,
  work: (live: FrozenLive) => Promise<T>,
): Promise<T> {
  for (let tries = 1; tries <= HELD_TRIES; tries += 1) {
    const done = await whileHeld(database, projection, async () => {
      const reach = await settledReach(database, projection);
      const result = await work({ reach, client: database });
      return sameReach(await settledReach(database, projection), reach) ? { result } : null;
    });
    if (done) return done.result;
  }
  throw new LiveMovedOnError(projection.name);
}

/** How far the live tables are once every transaction that had begun before a hold has ended. */
export function settledReach(database: Pick<Database, 'transaction'>, projection: Projection): Promise<Reach> {
  return database.transaction(async (client) => {
    await lockPartitions(client, [EVERY_PARTITION]);
    return readReach(client, projection);
  });
}
