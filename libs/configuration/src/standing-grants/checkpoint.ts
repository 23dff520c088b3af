import type { Queryable } from '#libs/database';
import { BEFORE_FIRST } from '#libs/event-store';

/** Reads how far a reader of the store has come; `BEFORE_FIRST` when it never began. */
export async function readCheckpoint(database: Queryable, reader: string): Promise<number> {
  const { rows } = await database.query<{ at: number }>(
    'select store_position as at from provisioning.checkpoints where reader = $1',
    [reader],
  );
  return rows[0]?.at ?? BEFORE_FIRST;
}

/**
 * Moves a checkpoint, but only from where the reader believes it to be: whoever loses that race has nothing to apply.
 * @returns whether it moved
 */
export async function moveCheckpoint(
  client: Queryable,
  reader: string,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<boolean> {
  const { rowCount } = await client.query(
    from === BEFORE_FIRST
      ? `insert into provisioning.checkpoints as c (reader, store_position) values ($1, $2)
         on conflict (reader) do update set store_position = excluded.store_position where c.store_position = $3`
      : 'update provisioning.checkpoints set store_position = $2 where reader = $1 and store_position = $3',
    [reader, to, from],
  );
  return rowCount === 1;
}
