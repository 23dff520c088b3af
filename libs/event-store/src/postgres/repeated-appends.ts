import type { Queryable } from '#libs/database';
import type { Appended } from '../event-store.port.js';
import type { AppendRequest } from './append-request.js';

interface PlaceRow {
  readonly request: number;
  readonly event_id: string;
  readonly position: number;
}

/**
 * Tells which of the requests already happened: their events stand, with the same ids, where the request wants to put them.
 * @returns the outcome of the first time, per request that is a repeat
 */
export async function recognizeRepeats(
  database: Queryable,
  requests: readonly AppendRequest[],
): Promise<ReadonlyMap<AppendRequest, Appended>> {
  const { rows } = await database.query<PlaceRow>({
    name: 'es.places',
    text: `select r.number::int as request, e.event_id, e.position
           from unnest($1::text[], $2::int[], $3::int[]) with ordinality r(stream, first, last, number)
           join es.events e on e.stream = r.stream and e.revision between r.first and r.last
           order by r.number, e.revision`,
    values: [
      requests.map(({ stream }) => stream),
      requests.map(({ expected }) => expected + 1),
      requests.map(({ expected, events }) => expected + events.length),
    ],
  });
  const repeats = new Map<AppendRequest, Appended>();
  requests.forEach((request, index) => {
    const stored = rows.filter((row) => row.request === index + 1);
    const same =
      stored.length === request.events.length && stored.every((row, at) => row.event_id === request.events[at]?.id);
    const revision = request.expected + request.events.length;
    const storePosition = Number(stored.at(-1)?.position);
    if (same) repeats.set(request, { revision, storePosition, repeated: true });
  });
  return repeats;
}
