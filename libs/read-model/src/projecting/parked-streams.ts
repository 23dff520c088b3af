import type { SealedStoredEvent } from '#libs/bus';
import type { Queryable } from '#libs/database';
import { parseStreamName } from '#libs/kernel';
import { projectionId } from './checkpoints.js';
import type { Projection } from './projection.js';

/** An event that waits: it is poison, or it stands behind poison in its stream. */
export interface ParkedEvent {
  readonly projection: Pick<Projection, 'name' | 'version'>;
  readonly event: SealedStoredEvent;
  /** Name of the error that made it poison; null for an event that only waits behind one. Never its text, which may be personal. */
  readonly problem: string | null;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The account that an event is about, where that can be told without a key. */
export function accountOf({ stream, data }: { readonly stream: string; readonly data: unknown }): string | null {
  const { category, id } = parseStreamName(stream);
  const named = category === 'account' ? id : (data as { readonly account?: unknown } | null)?.account;
  return typeof named === 'string' && UUID.test(named) ? named : null;
}

/** Names a stream as one projection sees it. */
export const streamOf = (projection: Pick<Projection, 'name' | 'version'>, stream: string): string =>
  `${projectionId(projection)} ${stream}`;

/** Schema of a parking place: the live one, or the one beside it while a projection is rebuilt. */
type ParkingSchema = 'read_model' | 'read_model_shadow';

/** Writes down events that wait. */
export async function park(
  client: Queryable,
  parked: readonly ParkedEvent[],
  schema: ParkingSchema = 'read_model',
): Promise<void> {
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
    account: accountOf(event.broken ? { stream: event.stream, data: null } : event),
    poisoned: problem !== null,
    problem,
  }));
  await client.query({
    name: `${schema}.park`,
    text: `insert into ${schema}.parked select * from jsonb_populate_recordset(null::${schema}.parked, $1::jsonb)
           on conflict do nothing`,
    values: [JSON.stringify(rows)],
  });
}

/** How many streams wait, over all projections; each counts once. */
export async function countParkedStreams(database: Queryable, tenant?: string): Promise<number> {
  const { rows } = await database.query<{ count: number }>({
    name: 'read_model.count_parked',
    text: 'select count(distinct stream) as count from read_model.parked where $1::text is null or tenant = $1',
    values: [tenant ?? null],
  });
  return rows[0]?.count ?? 0;
}

/** A stream that waits for a projection. */
export interface ParkedStream {
  readonly projection: string;
  readonly version: number;
  readonly tenant: string;
  readonly stream: string;
  /** Where it waits: position and revision of the first event that was not taken, and its type. */
  readonly position: number;
  readonly revision: number;
  readonly type: string;
  /** Name of the error of that event. */
  readonly problem: string | null;
  /** How many events wait. */
  readonly events: number;
}

/** Most parked streams that are listed. */
export const MAX_PARKED_LISTED = 1_000;

/** Lists what is parked, in the order of the log; at most 1,000 streams. */
export async function listParked(
  database: Queryable,
  { tenant, projection }: { readonly tenant?: string | undefined; readonly projection?: string | undefined } = {},
): Promise<ParkedStream[]> {
  const { rows } = await database.query<ParkedStream>({
    name: 'read_model.list_parked',
    text: `select projection, version, tenant, stream, position, revision, type, problem, events
           from (
             select p.*, count(*) over (partition by projection, version, stream) as events,
               row_number() over (partition by projection, version, stream order by revision) as nth
             from read_model.parked p
             where ($1::text is null or tenant = $1) and ($2::text is null or projection = $2)
           ) first where nth = 1
           order by position, projection, version limit ${MAX_PARKED_LISTED}`,
    values: [tenant ?? null, projection ?? null],
  });
  return rows;
}
