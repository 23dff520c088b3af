import type { Queryable } from '#libs/database';
import type { Projection } from '../projecting/projection.js';
import { readReach } from './live-reach.js';

/** Events per second that a rebuild takes in on two ordinary cores; only for estimates. */
const EVENTS_PER_SECOND = 10_000;

/** What a rebuild of a projection would do. */
export interface RebuildPlan {
  readonly projection: string;
  readonly version: number;
  /** Events of the log that it would read at most; those that do not concern the projection are passed over. */
  readonly events: number;
  /** Rough; machines differ. */
  readonly estimatedSeconds: number;
  /** Disk that it needs until the old tables are gone, bytes: as much as the live ones take with their indexes. */
  readonly bytes: number;
  /** Position up to which an interrupted rebuild has filled new tables already; null when there is none. */
  readonly interruptedAt: number | null;
}

/** Says what a rebuild would do, and does nothing. */
export async function planRebuild(database: Queryable, projection: Projection): Promise<RebuildPlan> {
  const { name, version, tables } = projection;
  const { whole } = await readReach(database, projection);
  const { rows } = await database.query<{ bytes: number; interruptedAt: number | null }>({
    text: `select (select sum(pg_total_relation_size(name::regclass))::bigint from unnest($1::text[]) name) as bytes,
                  (select position from read_model_shadow.rebuilds where projection = $2 and version = $3) as "interruptedAt"`,
    values: [tables.map((table) => table.name), name, version],
  });
  const { bytes, interruptedAt } = rows[0] as { bytes: number; interruptedAt: number | null };
  const events = whole.position - (interruptedAt ?? -1);
  return {
    projection: name,
    version,
    events,
    estimatedSeconds: Math.ceil(events / EVENTS_PER_SECOND),
    bytes,
    interruptedAt,
  };
}
