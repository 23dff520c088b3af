import { setTimeout as delay } from 'node:timers/promises';
import type { PoolClient } from 'pg';
import type { Database } from '#libs/database';
import { BEFORE_FIRST, type EventStore, type LogPage, type StoredEvent } from '#libs/event-store';
import { DomainError } from '#libs/kernel';

/** Events in one transaction: on the embedded database it makes everybody else wait. */
const PAGE_EVENTS = 50;
/** Pause after a failure, milliseconds. */
const RETRY_AFTER_MS = 1_000;

/** The follower has read further than the store reaches: the store was replaced by an older copy. */
export class FollowerAheadError extends DomainError {
  readonly code = 'follower-ahead';
  readonly kind = 'unavailable';
  constructor(follower: string, at: number, head: number) {
    super(
      `${follower} has read the event store to ${at}, and the store ends at ${head}. Restore store and database from the same backup.`,
    );
  }
}

/** What a follower of the event store does with what it reads. */
export interface StoreFollowerOptions<Prepared> {
  readonly database: Database;
  readonly store: EventStore;
  /** Names the checkpoint; changing it reads everything anew. */
  readonly name: string;
  readonly categories: readonly string[];
  /** Turns a page into changes, outside of any transaction. */
  readonly prepare: (events: readonly StoredEvent[]) => Promise<Prepared>;
  /** Applies the changes in the transaction that moves the checkpoint. */
  readonly apply: (client: PoolClient, changes: Prepared) => Promise<void>;
  /** Told of each failure; the follower pauses and tries again. */
  readonly onFailure: (error: unknown) => void;
}

/** Reads the event store in order and keeps derived rows with it. */
export interface StoreFollower {
  /** Whether the head as seen at start has been reached. Never turns back. */
  caughtUp(): boolean;
  /** Reads on to the head as it is now. */
  catchUp(): Promise<void>;
  /** Follows until the signal is aborted; never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

/**
 * Follows the event store exactly once, however many processes do the same: changes and checkpoint commit together, and the checkpoint
 * moves only from where this follower believes it to be. Who loses that race starts again from where the winner left it.
 */
export function storeFollower<Prepared>(options: StoreFollowerOptions<Prepared>): StoreFollower {
  let caughtUp = false;
  const catchUp = async () => {
    let at = await readCheckpoint(options);
    const head = await options.store.head(); // asked second: others move both on meanwhile, and the checkpoint never leads
    if (at > head) throw new FollowerAheadError(options.name, at, head);
    while (at < head) {
      const page = await options.store.readLog({ after: at, limit: PAGE_EVENTS, categories: options.categories });
      if (page.through <= at) return;
      at = (await advance(options, at, page)) ? page.through : await readCheckpoint(options);
    }
  };
  const follow = async (signal: AbortSignal) => {
    await catchUp();
    caughtUp = true;
    let at = await readCheckpoint(options);
    for await (const page of options.store.follow(
      { after: at, limit: PAGE_EVENTS, categories: options.categories },
      signal,
    )) {
      if (!(await advance(options, at, page))) return;
      at = page.through;
    }
  };
  return {
    caughtUp: () => caughtUp,
    catchUp,
    async run(signal) {
      while (!signal.aborted) {
        try {
          await follow(signal);
        } catch (error) {
          if (signal.aborted) return;
          options.onFailure(error);
          await delay(RETRY_AFTER_MS, undefined, { signal }).catch(() => undefined);
        }
      }
    },
  };
}

async function readCheckpoint({
  database,
  name,
}: {
  readonly database: Database;
  readonly name: string;
}): Promise<number> {
  const { rows } = await database.query<{ store_position: number }>(
    'select store_position from identity.checkpoints where follower = $1',
    [name],
  );
  if (rows[0]) return rows[0].store_position;
  await database.query(
    'insert into identity.checkpoints (follower, store_position) values ($1, $2) on conflict do nothing',
    [name, BEFORE_FIRST],
  );
  return BEFORE_FIRST;
}

/** @returns false when another process has moved the checkpoint: nothing was applied */
async function advance<Prepared>(
  options: StoreFollowerOptions<Prepared>,
  from: number,
  page: LogPage,
): Promise<boolean> {
  const changes = await options.prepare(page.events);
  return options.database.transaction(async (client) => {
    const { rowCount } = await client.query({
      name: 'identity-advance',
      text: 'update identity.checkpoints set store_position = $3 where follower = $1 and store_position = $2',
      values: [options.name, from, page.through],
    });
    if (rowCount === 0) return false;
    await options.apply(client, changes);
    return true;
  });
}
