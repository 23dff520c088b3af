import type { Queryable } from '#libs/database';
import type { EventPlace, KnownTenant } from '#libs/read-model';

/** What was known of a grant's end from a position on. */
export interface GrantVersion {
  readonly grant: string;
  readonly until: Date | null;
  readonly revoked: boolean;
  /** Position of the event that made it so. */
  readonly position: number;
}

/** Every version of grants, by grant and in order. @param grants at most 1,000 */
export async function versionsOf(
  database: Queryable,
  { tenant, knownAt }: KnownTenant,
  grants: readonly string[],
): Promise<ReadonlyMap<string, readonly GrantVersion[]>> {
  if (grants.length === 0) return new Map();
  const { rows } = await database.query<GrantVersion>({
    name: 'reports.grant_versions',
    text: `select grant_id as "grant", valid_to as until, revoked_pos is not null as revoked, from_pos as position
           from read_model.grants_v1 where grant_id = any($3::uuid[]) and tenant = $1 and from_pos <= $2::bigint
           order by grant_id, from_pos`,
    values: [tenant, knownAt, grants],
  });
  return Map.groupBy(rows, ({ grant }) => grant);
}

/** An event of the log with who caused it. */
export interface PlacedEvent extends EventPlace {
  readonly type: string;
  /** `kind:id`. */
  readonly actor: string;
  readonly recordedAt: Date;
}

/** Events by their positions; those that the index lacks are left out. */
export async function eventsAt(
  database: Queryable,
  tenant: string,
  positions: readonly number[],
): Promise<ReadonlyMap<number, PlacedEvent>> {
  if (positions.length === 0) return new Map();
  const { rows } = await database.query<PlacedEvent>({
    name: 'reports.events_at',
    text: `select position, tenant, tenant_position, event_id, stream, revision, sealed_at, type, actor, recorded_at as "recordedAt"
           from read_model.events_v1 where position = any($2::bigint[]) and tenant = $1 order by position`,
    values: [tenant, positions],
  });
  return new Map(rows.map((row) => [row.position, row]));
}
