import type { Database, Lease, Queryable } from '#libs/database';
import { readSealedRows } from '#libs/ledger';
import { PARTITIONS } from '../partitions.js';
import { BEFORE_SEALED } from '../sealed-events.port.js';
import { PublishingMovedError } from './kafka.errors.js';
import { inEachPartition, NOTHING_PUBLISHED, type Publishing } from './publishing.js';

/** What the database remembers of a topic. */
export interface SavedPublishing extends Publishing {
  readonly installation: string;
}

/** How far a topic is published; null when nothing was ever published to it. */
export async function publishedSoFar(database: Queryable, topic: string): Promise<SavedPublishing | null> {
  const { rows } = await database.query<SavedPublishing & Record<string, unknown>>({
    name: 'bus.published',
    text: `select installation, position, store_position as "storePosition", sequences, positions, offsets
           from bus.publishing where topic = $1`,
    values: [topic],
  });
  return rows[0] ?? null;
}

/**
 * Saves what was acknowledged, while the role is held, if nobody saved something else since.
 * @param before position that the topic was last seen at; null for a topic that has no row
 * @throws {LeaseLostError} when another process publishes now
 * @throws {PublishingMovedError} when the topic stands elsewhere
 */
export async function savePublishing(
  database: Pick<Database, 'transaction'>,
  lease: Pick<Lease, 'guard'>,
  save: { topic: string; installation: string; before: number | null; done: Publishing },
): Promise<void> {
  const { topic, installation, before, done } = save;
  await database.transaction(async (client) => {
    await lease.guard(client);
    const { rowCount } = await client.query({
      name: 'bus.save',
      text: `insert into bus.publishing as saved (topic, installation, position, store_position, sequences, positions, offsets)
             values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (topic) do update set position = excluded.position, store_position = excluded.store_position,
               sequences = excluded.sequences, positions = excluded.positions, offsets = excluded.offsets,
               updated_at = clock_timestamp()
             where saved.position = $8 and saved.installation = excluded.installation`,
      values: [
        topic,
        installation,
        done.position,
        done.storePosition,
        done.sequences,
        done.positions,
        done.offsets,
        before,
      ],
    });
    if (rowCount !== 1) throw new PublishingMovedError(topic);
  });
}

/**
 * Sets a topic back, so that the relay publishes again what follows the position; readers leave out what they have. For a topic that
 * lost events. The sequences of what is published again are those that it had.
 * @param position of the last event that need not be published again; `BEFORE_SEALED` for everything
 * @returns events that will be published again
 * @throws {RangeError} when the position is beyond what is published
 */
export async function republishFrom(
  database: Pick<Database, 'query' | 'transaction'>,
  topic: string,
  position: number = BEFORE_SEALED,
): Promise<number> {
  const saved = await publishedSoFar(database, topic);
  if (!saved) return 0;
  if (!Number.isInteger(position) || position < BEFORE_SEALED || position > saved.position)
    throw new RangeError(
      `The topic ${topic} is published up to position ${saved.position}: begin at -1 to that, not ${position}.`,
    );
  const { sequences, positions, storePosition } = await database.transaction(
    (client) => standingAt(client, position), // looks at every row: on a long log longer than a statement may take
    { unhurried: true },
  );
  await database.query(
    `update bus.publishing set position = $2, store_position = $3, sequences = $4, positions = $5, offsets = $6,
       updated_at = clock_timestamp() where topic = $1`,
    [topic, position, storePosition, sequences, positions, inEachPartition(-1)],
  );
  return saved.position - position;
}

/** Counts the events of each partition up to a position; the expression is `partitionOf`, in SQL. */
async function standingAt(database: Queryable, position: number) {
  if (position === BEFORE_SEALED) return NOTHING_PUBLISHED;
  const { rows } = await database.query<{ partition: number; count: number; last: number }>(
    `select partition, count(*) as count, max(position) as last from (
       select position,
         (get_byte(h, 0)::bigint * 16777216 + get_byte(h, 1) * 65536 + get_byte(h, 2) * 256 + get_byte(h, 3)) % ${PARTITIONS} as partition
       from (select position, sha256(convert_to(stream, 'UTF8')) as h from ledger.sealed_log where position <= $1) hashed
     ) placed group by partition`,
    [position],
  );
  const [last] = await readSealedRows(database, position - 1, 1);
  const found = new Map(rows.map((row) => [row.partition, row]));
  const each = (value: (partition: number) => number) => inEachPartition(-1).map((_, partition) => value(partition));
  return {
    sequences: each((partition) => (found.get(partition)?.count ?? 0) - 1),
    positions: each((partition) => found.get(partition)?.last ?? -1),
    storePosition: last?.storePosition ?? -1,
  };
}
