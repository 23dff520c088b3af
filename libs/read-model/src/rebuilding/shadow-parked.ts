import type { Queryable } from '#libs/database';
import { accountOf, type ParkedEvent, streamOf } from '../projecting/parked-streams.js';
import type { Projection } from '../projecting/projection.js';

/** Streams that wait in the shadow of a projection, as `projection@version stream`. */
export async function shadowParkedStreams(client: Queryable, projection: Projection): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ stream: string }>({
    text: 'select distinct stream from read_model_shadow.parked where projection = $1',
    values: [projection.name],
  });
  return new Set(rows.map(({ stream }) => streamOf(projection, stream)));
}

/** Writes down, beside the live parking place, events that wait. */
export async function parkInShadow(client: Queryable, parked: readonly ParkedEvent[]): Promise<void> {
  if (parked.length === 0) return;
  const rows = parked.map(({ projection, event, problem }) => ({
    projection: projection.name,
    version: projection.version,
    position: event.position,
    tenant: event.tenant,
    tenant_position: event.tenantPosition,
    store_position: event.storePosition,
    event_id: event.id,
    type: event.type,
    stream: event.stream,
    revision: event.revision,
    sealed_at: event.sealedAt,
    account: accountOf(event),
    poisoned: problem !== null,
    problem,
  }));
  await client.query({
    text: `insert into read_model_shadow.parked
           select * from jsonb_populate_recordset(null::read_model_shadow.parked, $1::jsonb) on conflict do nothing`,
    values: [JSON.stringify(rows)],
  });
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
