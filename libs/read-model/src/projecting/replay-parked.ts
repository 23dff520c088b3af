import type { SealedStoredEvent } from '#libs/bus';
import type { Queryable } from '#libs/database';
import type { EventStore } from '#libs/event-store';
import { isRefusedData, type ProjectingPlace, project } from './apply-stretch.js';
import type { Projection } from './projection.js';
import { type EventReader, sightEvents } from './sighted-events.js';

/** Events of one stream that are replayed in one transaction. */
const REPLAY_BATCH = 200;

/** What replaying needs. */
export interface Replaying extends ProjectingPlace {
  readonly database: ProjectingPlace['database'] & Queryable;
  readonly store: Pick<EventStore, 'readStream'>;
  readonly reader: EventReader;
}

type ParkedPlace = Pick<
  SealedStoredEvent,
  'id' | 'tenant' | 'stream' | 'revision' | 'position' | 'tenantPosition' | 'sealedAt'
>;

/**
 * Tries again what is parked, stream by stream and in order: new software may read what old software could not. A stream leaves the
 * parking place once all of its events were taken; one that fails again stays, from the failing event on.
 * @returns how many events were taken
 */
export async function replayParked(place: Replaying, projections: readonly Projection[]): Promise<number> {
  let taken = 0;
  for (const projection of projections) {
    for (const stream of await streamsOf(place.database, projection))
      taken += await attemptStream(place, projection, stream);
  }
  return taken;
}

/** What the database still refuses stays parked as it is. */
async function attemptStream(place: Replaying, projection: Projection, stream: string): Promise<number> {
  try {
    return await replayStream(place, projection, stream);
  } catch (error) {
    if (isRefusedData(error)) return 0;
    throw error;
  }
}

async function replayStream(place: Replaying, projection: Projection, stream: string): Promise<number> {
  let taken = 0;
  for (;;) {
    const places = await placesOf(place.database, projection, stream);
    const events = await readEvents(place.store, places);
    const sighted = await sightEvents(place.reader, [projection], events);
    const done = await place.database.transaction(async (client) => {
      await place.lease.guard(client);
      const stuck = await project(client, projection, sighted, new Set());
      const before = stuck[0]?.event.position ?? Number.POSITIVE_INFINITY;
      const through = events.filter(({ position }) => position < before).at(-1)?.position;
      if (through !== undefined) await unpark(client, projection, stream, through);
      return events.length - stuck.length;
    });
    taken += done;
    if (done < REPLAY_BATCH) return taken;
  }
}

async function streamsOf(database: Queryable, { name, version }: Projection): Promise<string[]> {
  const { rows } = await database.query<{ stream: string }>({
    text: `select stream from read_model.parked where projection = $1 and version = $2 group by stream order by min(position)`,
    values: [name, version],
  });
  return rows.map(({ stream }) => stream);
}

async function placesOf(database: Queryable, { name, version }: Projection, stream: string): Promise<ParkedPlace[]> {
  const { rows } = await database.query<ParkedPlace>({
    text: `select event_id as id, tenant, stream, revision, position, tenant_position as "tenantPosition", sealed_at as "sealedAt"
           from read_model.parked where projection = $1 and version = $2 and stream = $3 order by revision limit $4`,
    values: [name, version, stream, REPLAY_BATCH],
  });
  return rows;
}

async function readEvents(store: Replaying['store'], places: readonly ParkedPlace[]): Promise<SealedStoredEvent[]> {
  const [first] = places;
  const last = places.at(-1);
  if (!first || !last) return [];
  const stored = await store.readStream(first.stream, {
    from: first.revision,
    limit: last.revision - first.revision + 1,
  });
  const byId = new Map(stored.map((event) => [event.id, event]));
  return places.map((place) => {
    const event = byId.get(place.id);
    if (!event) throw new Error(`The store lacks an event that is parked (position: ${place.position}).`);
    return { ...event, ...place };
  });
}

async function unpark(
  client: Queryable,
  { name, version }: Projection,
  stream: string,
  through: number,
): Promise<void> {
  await client.query({
    text: 'delete from read_model.parked where projection = $1 and version = $2 and stream = $3 and position <= $4',
    values: [name, version, stream, through],
  });
}
