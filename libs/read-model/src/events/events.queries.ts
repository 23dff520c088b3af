import type { Queryable } from '#libs/database';
import { Conditions } from '../conditions.js';
import { type Page, pageOf } from '../page.js';
import type { EventRow } from './events.table.js';

/** Where a sealed event is. */
export type EventPlace = Pick<
  EventRow,
  'position' | 'tenant' | 'tenant_position' | 'event_id' | 'stream' | 'revision' | 'sealed_at'
>;

/** Which events; without conditions, all of them. */
export interface EventListQuery {
  /** Null for every tenant, the installation's own included. */
  readonly tenant: string | null;
  readonly type?: string | undefined;
  readonly account?: string | undefined;
  /** `kind:id`, or the id alone. */
  readonly actor?: string | undefined;
  readonly connection?: string | undefined;
  /** Recorded at this instant or later, ISO-8601 UTC. */
  readonly from?: string | undefined;
  /** Recorded before this instant, ISO-8601 UTC. */
  readonly to?: string | undefined;
  /** Position, exclusive; -1 starts at the beginning. */
  readonly after: number;
  /** Position, inclusive. */
  readonly through: number;
  /** 1–200. */
  readonly limit: number;
}

const COLUMNS = 'position, tenant, tenant_position, event_id, stream, revision, sealed_at';
const ACTOR_KINDS = ['account', 'key', 'connection', 'system'] as const;

/**
 * Finds events of the sealed log, ascending by position, nothing left out up to `through`: what was damaged on its way and waits for a
 * replay is listed too, save where a condition asks for what only its body tells (`actor`, `connection`, `from`, `to`).
 */
export async function listEvents(database: Queryable, query: EventListQuery): Promise<Page<EventPlace>> {
  const indexed = await indexedEvents(database, query);
  const parked = await parkedEvents(database, query);
  if (parked.length === 0) return pageOf(indexed, query.limit);
  return pageOf(
    [...indexed, ...parked].sort((a, b) => a.position - b.position),
    query.limit,
  );
}

async function indexedEvents(database: Queryable, query: EventListQuery): Promise<EventPlace[]> {
  const { tenant, type, account, actor, connection, from, to, after, through, limit } = query;
  const where = new Conditions()
    .andEqual('tenant', tenant)
    .andEqual('type', type)
    .andEqual('account', account)
    .andIf(actor && actorsNamed(actor), (place) => `actor = any(${place}::text[])`)
    .andEqual('connection', connection)
    .andIf(from, (place) => `recorded_at >= ${place}`)
    .andIf(to, (place) => `recorded_at < ${place}`)
    .andIf(after, (place) => `position > ${place}`)
    .andIf(through, (place) => `position <= ${place}`);
  const { rows } = await database.query<EventPlace>(
    `select ${COLUMNS} from read_model.events_v1 where ${where.text} order by position limit ${where.value(limit + 1)}`,
    where.values,
  );
  return rows;
}

/** Events that the index could not take. */
async function parkedEvents(database: Queryable, query: EventListQuery): Promise<EventPlace[]> {
  const { tenant, type, account, actor, connection, from, to, after, through, limit } = query;
  if ([actor, connection, from, to].some((condition) => condition !== undefined)) return [];
  const { rows } = await database.query<EventPlace>({
    name: 'read_model.parked_events',
    text: `select ${COLUMNS} from read_model.parked where projection = 'events' and position > $1 and position <= $2
             and ($3::text is null or tenant = $3) and ($4::text is null or type = $4) and ($5::uuid is null or account = $5)
           order by position limit $6`,
    values: [after, through, tenant, type ?? null, account ?? null, limit + 1],
  });
  return rows;
}

/** Finds events by their ids, in the order of the log. Ids that no sealed event has are left out. */
export async function findEventPlaces(database: Queryable, ids: readonly string[]): Promise<EventPlace[]> {
  const { rows } = await database.query<EventPlace>({
    name: 'read_model.event_places',
    text: `select ${COLUMNS} from read_model.events_v1 where event_id = any($1::uuid[])
           union all
           select ${COLUMNS} from read_model.parked where projection = 'events' and event_id = any($1::uuid[])
           order by position`,
    values: [ids],
  });
  return rows;
}

/** The last sign-in of an account through each connection, as far as the index has come. */
export async function findLastSignIns(
  database: Queryable,
  { tenant, account }: { readonly tenant: string; readonly account: string },
): Promise<EventPlace[]> {
  const { rows } = await database.query<EventPlace>({
    name: 'read_model.last_sign_ins',
    text: `select distinct on (connection) ${COLUMNS} from read_model.events_v1
            where account = $2 and tenant = $1 and type = 'SignedIn' order by connection, position desc`,
    values: [tenant, account],
  });
  return rows;
}

const actorsNamed = (actor: string): string[] =>
  actor.includes(':') ? [actor] : ACTOR_KINDS.map((kind) => `${kind}:${actor}`);
