import { EVERY_PARTITION } from '#libs/bus';
import type { Queryable } from '#libs/database';
import type { Clock } from '#libs/kernel';
import { lastSealedRow, readSealedRows } from '#libs/ledger';
import { readCheckpoints } from './projecting/checkpoints.js';
import { PROJECTIONS } from './projections.js';

/** Where one projection stands. */
export interface ProjectionStanding {
  readonly projection: string;
  /** Position up to which it has taken everything in, in every partition. */
  readonly position: number;
  /** Sealed events that lie beyond. Some of them it may have, where partitions have come further. */
  readonly events: number;
  /** Age of the oldest of them, in seconds. */
  readonly seconds: number;
  /** Streams that are parked for it. */
  readonly parkedStreams: number;
}

/** Where every projection stands, compared with the sealed log; a few index look-ups. */
export async function projectionStandings(database: Queryable, clock: Clock): Promise<ProjectionStanding[]> {
  const checkpoints = await readCheckpoints(database);
  const head = (await lastSealedRow(database))?.position ?? -1;
  const parked = await parkedByProjection(database);
  const ages = new Map<number, number>();
  const standings: ProjectionStanding[] = [];
  for (const projection of PROJECTIONS) {
    const { position } = checkpoints.of(projection, EVERY_PARTITION);
    if (!ages.has(position)) ages.set(position, await ageOfNext(database, position, clock));
    standings.push({
      projection: projection.name,
      position,
      events: Math.max(0, head - position),
      seconds: ages.get(position) ?? 0,
      parkedStreams: parked.get(`${projection.name} ${projection.version}`) ?? 0,
    });
  }
  return standings;
}

/** Never negative: clocks of machines differ. */
async function ageOfNext(database: Queryable, position: number, clock: Clock): Promise<number> {
  const [next] = await readSealedRows(database, position, 1);
  return next ? Math.max(0, (clock.now().getTime() - Date.parse(next.sealedAt)) / 1_000) : 0;
}

async function parkedByProjection(database: Queryable): Promise<ReadonlyMap<string, number>> {
  const { rows } = await database.query<{ projection: string; version: number; streams: number }>({
    name: 'read_model.parked_by_projection',
    text: `select projection, version, count(distinct stream) as streams from read_model.parked group by projection, version`,
  });
  return new Map(rows.map(({ projection, version, streams }) => [`${projection} ${version}`, streams]));
}
