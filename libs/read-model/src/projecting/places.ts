import { EVERY_PARTITION, PARTITIONS, type ReadingPlace } from '#libs/bus';
import type { Queryable } from '#libs/database';
import type { Checkpoint } from './checkpoints.js';
import type { Projection } from './projection.js';

/** How far a partition, or the log as a whole, was taken in. */
export interface Reached extends Checkpoint {
  /** 0–11, or `EVERY_PARTITION`. */
  readonly partition: number;
  /** Where the carrier goes on; null where only a part of what it delivered was taken, or it needs none. */
  readonly bookmark: string | null;
}

type Named = Pick<Projection, 'name' | 'version'>;

const ALL = Array.from({ length: PARTITIONS }, (_, partition) => partition);

/**
 * Locks partitions until the transaction ends: nobody else projects what comes in them, and nobody replaces the tables meanwhile. Call it
 * before reading what the transaction decides by, in a statement of its own, so that this sees what the holder before has written. In the
 * order of partitions, hence without deadlock.
 * @param partitions 0–11, or `EVERY_PARTITION` among them for all
 */
export async function lockPartitions(client: Queryable, partitions: readonly number[]): Promise<void> {
  const wanted = partitions.includes(EVERY_PARTITION) ? ALL : [...new Set(partitions)];
  const { rows } = await client.query({
    name: 'read_model.lock',
    text: 'select partition from read_model.places where partition = any($1::int[]) order by partition for update',
    values: [wanted],
  });
  if (rows.length < wanted.length)
    throw new Error('A row of read_model.places is missing; it holds one per partition.');
}

/** Where the group of projectors stands with the carrier, by partition. */
export async function readPlaces(database: Queryable): Promise<ReadonlyMap<number, ReadingPlace>> {
  const { rows } = await database.query<ReadingPlace & { readonly partition: number }>({
    name: 'read_model.places',
    text: 'select partition, position, bookmark from read_model.places',
  });
  return new Map(rows.map(({ partition, position, bookmark }) => [partition, { position, bookmark }]));
}

/** Moves checkpoints forward, never back, and with them the places of partitions; all in one statement. */
export async function advance(
  client: Queryable,
  projections: readonly Named[],
  reached: readonly Reached[],
): Promise<void> {
  if (reached.length === 0) return;
  const whole = reached.every(({ partition }) => partition === EVERY_PARTITION);
  await client.query({
    name: whole ? 'read_model.advance' : 'read_model.advance_partitions',
    text: whole ? MOVE_CHECKPOINTS : `with moved as (${MOVE_PLACES}) ${MOVE_CHECKPOINTS}`,
    values: [
      projections.map(({ name }) => name),
      projections.map(({ version }) => version),
      reached.map(({ partition }) => partition),
      reached.map(({ position }) => position),
      reached.map(({ storePosition }) => storePosition),
      ...(whole ? [] : [reached.map(({ bookmark }) => bookmark)]),
    ],
  });
}

const MOVE_CHECKPOINTS = `
  insert into read_model.checkpoints as c (projection, version, partition, position, store_position)
  select name, version, partition, position, store_position
  from unnest($1::text[], $2::int[]) p(name, version),
       unnest($3::smallint[], $4::bigint[], $5::bigint[]) r(partition, position, store_position)
  order by name, version, partition
  on conflict (projection, version, partition) do update
    set position = greatest(c.position, excluded.position),
        store_position = greatest(c.store_position, excluded.store_position)
    where c.position < excluded.position or c.store_position < excluded.store_position`;

/** A bookmark may be older than its place: what it brings again is passed over. */
const MOVE_PLACES = `
  update read_model.places p
  set position = greatest(p.position, r.position), store_position = greatest(p.store_position, r.store_position),
      bookmark = case when r.position >= p.position then coalesce(r.bookmark, p.bookmark) else p.bookmark end
  from unnest($3::smallint[], $4::bigint[], $5::bigint[], $6::text[]) r(partition, position, store_position, bookmark)
  where p.partition = r.partition`;
