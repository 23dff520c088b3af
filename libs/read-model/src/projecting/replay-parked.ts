import { EVERY_PARTITION, type SealedStoredEvent } from '#libs/bus';
import type { Queryable } from '#libs/database';
import type { EventStore } from '#libs/event-store';
import { isRefusedData, type ProjectingPlace, project } from './apply-stretch.js';
import { lockPartitions } from './places.js';
import type { Projection } from './projection.js';
import { type EventReader, type SightedEvent, sightEvents } from './sighted-events.js';
import { readStanding } from './standing.js';

/** Events of one stream that are replayed in one transaction. */
const REPLAY_BATCH = 200;

/** Most events of a stream that are read at once, parked or not. */
const STREAM_PAGE = 1_000;

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

/** Which parked streams; without conditions, all of them. */
export interface ReplayQuery {
  readonly tenant?: string | undefined;
  readonly stream?: string | undefined;
}

/**
 * Tries again what is parked, stream by stream and in order: new software may read what old software could not, and the store has whole
 * what was damaged on its way. A stream leaves the parking place once all of its events were taken; one that fails again stays, from the
 * failing event on. Safe while others project, or replay the same.
 * @returns how many events were taken
 * @throws {ProjectionHeldError} while one of the projections is being replaced
 */
export async function replayParked(
  place: Replaying,
  projections: readonly Projection[],
  query: ReplayQuery = {},
): Promise<number> {
  let taken = 0;
  for (const projection of projections) {
    for (const stream of await streamsOf(place.database, projection, query))
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
    if (places.length === 0) return taken;
    const events = await readEvents(place.store, places);
    const sighted = await sightEvents(place.reader, [projection], events);
    const done = await place.database.transaction(async (client) => {
      await place.lease.guard(client);
      return await replay(client, projection, stream, sighted);
    });
    taken += done;
    if (done === 0) return taken;
  }
}

/** While the partitions are locked nobody parks more behind these events, nor takes them too. */
async function replay(
  client: Queryable,
  projection: Projection,
  stream: string,
  sighted: readonly SightedEvent[],
): Promise<number> {
  await lockPartitions(client, [EVERY_PARTITION]);
  await readStanding(client, [projection]);
  const parked = new Set((await placesOf(client, projection, stream)).map(({ position }) => position));
  const due = sighted.filter(({ stored }) => parked.has(stored.position));
  const stuck = await project(client, projection, due, new Set());
  const before = stuck[0]?.event.position ?? Number.POSITIVE_INFINITY;
  const through = due.findLast(({ stored }) => stored.position < before)?.stored.position;
  if (through !== undefined) await unpark(client, projection, stream, through);
  return due.length - stuck.length;
}

async function streamsOf(
  database: Queryable,
  { name, version }: Projection,
  { tenant, stream }: ReplayQuery,
): Promise<string[]> {
  const { rows } = await database.query<{ stream: string }>({
    text: `select stream from read_model.parked
           where projection = $1 and version = $2 and ($3::text is null or tenant = $3) and ($4::text is null or stream = $4)
           group by stream order by min(position)`,
    values: [name, version, tenant ?? null, stream ?? null],
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

/** Parked events may stand far apart in their stream: what others had taken of it stands between them. */
async function readEvents(store: Replaying['store'], places: readonly ParkedPlace[]): Promise<SealedStoredEvent[]> {
  const events: SealedStoredEvent[] = [];
  for (let at = 0; at < places.length; at = events.length) events.push(...(await readPage(store, places.slice(at))));
  return events;
}

/** As many of the events, at least one, as one page of their stream holds. */
async function readPage(store: Replaying['store'], places: readonly ParkedPlace[]): Promise<SealedStoredEvent[]> {
  const { stream, revision: from } = places[0] as ParkedPlace;
  const within = places.filter(({ revision }) => revision < from + STREAM_PAGE);
  const limit = (within.at(-1) as ParkedPlace).revision - from + 1;
  const byId = new Map((await store.readStream(stream, { from, limit })).map((event) => [event.id, event]));
  return within.map((place) => {
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
