import type { Queryable } from '#libs/database';
import { BEFORE_FIRST } from '#libs/event-store';

const FOLLOWER = 'application-endings';

/** How far the store has been followed for what ends sessions with applications; the beginning when never. */
export async function readEndingsCheckpoint(database: Queryable): Promise<number> {
  const { rows } = await database.query<{ store_position: number }>(
    'select store_position from openid_provider.checkpoints where follower = $1',
    [FOLLOWER],
  );
  return rows[0]?.store_position ?? BEFORE_FIRST;
}

/** Moves the checkpoint on; it never falls, so that a holder of the role who lost it cannot take it back. */
export async function moveEndingsCheckpoint(database: Queryable, through: number): Promise<void> {
  await database.query(
    `insert into openid_provider.checkpoints as c (follower, store_position) values ($1, $2)
     on conflict (follower) do update set store_position = excluded.store_position
      where c.store_position < excluded.store_position`,
    [FOLLOWER, through],
  );
}
