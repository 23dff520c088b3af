import type { Queryable } from '#libs/database';
import { streamOf } from '../projecting/parked-streams.js';
import type { Projection } from '../projecting/projection.js';

/** Streams that wait in the shadow of a projection, as `projection@version stream`. */
export async function shadowParkedStreams(client: Queryable, projection: Projection): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ stream: string }>({
    text: 'select distinct stream from read_model_shadow.parked where projection = $1',
    values: [projection.name],
  });
  return new Set(rows.map(({ stream }) => streamOf(projection, stream)));
}

/** Replaces what is parked for a projection by what its new tables could not take. */
export async function switchParked(client: Queryable, { name, version }: Projection): Promise<void> {
  await client.query('delete from read_model.parked where projection = $1 and version = $2', [name, version]);
  await client.query(
    'insert into read_model.parked select * from read_model_shadow.parked where projection = $1 and version = $2',
    [name, version],
  );
}

/** How many streams wait in the shadow, and how many live. */
export async function countParkedOf(
  client: Queryable,
  { name, version }: Projection,
): Promise<{ readonly live: number; readonly rebuilt: number }> {
  const { rows } = await client.query<{ live: number; rebuilt: number }>({
    text: `select (select count(distinct stream) from read_model.parked where projection = $1 and version = $2) as live,
                  (select count(distinct stream) from read_model_shadow.parked where projection = $1 and version = $2) as rebuilt`,
    values: [name, version],
  });
  return rows[0] as { live: number; rebuilt: number };
}
