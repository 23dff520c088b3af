import type { Queryable } from '#libs/database';
import { BEFORE_FIRST, type LogPage, type LogQuery, type StoredEvent, type StreamQuery } from '../event-store.port.js';

/** Most events that one read answers; also the default for a stream. */
export const MAX_PAGE = 5_000;

const DEFAULT_LOG_PAGE = 1_000;
const MAX_INT = 2_147_483_647;

/** JSON is fetched as text, so that the result does not depend on how the pool parses `json` columns. */
const COLUMNS =
  'position, stream, revision, event_id, type, schema_version, recorded_at, data::text as data, metadata::text as metadata';

interface EventColumns {
  readonly position: number | string;
  readonly stream: string;
  readonly revision: number;
  readonly event_id: string;
  readonly type: string;
  readonly schema_version: number;
  readonly recorded_at: string;
  readonly data: string;
  readonly metadata: string;
}

/** Reads one stream in either direction. */
export async function selectStream(
  database: Queryable,
  stream: string,
  query: StreamQuery,
): Promise<readonly StoredEvent[]> {
  const limit = pageSize(query.limit, MAX_PAGE);
  const backward = query.direction === 'backward';
  const { rows } = await database.query<EventColumns>({
    name: backward ? 'es.stream_backward' : 'es.stream_forward',
    text: backward
      ? `select ${COLUMNS} from es.events where stream = $1 and revision <= $2 order by revision desc limit $3`
      : `select ${COLUMNS} from es.events where stream = $1 and revision >= $2 order by revision limit $3`,
    values: [stream, query.from ?? (backward ? MAX_INT : 0), limit],
  });
  return rows.map(storedEvent);
}

/** Reads the log; `through` is the last event's position when the page is full, else the head that the same snapshot saw. */
export async function selectLog(database: Queryable, query: LogQuery): Promise<LogPage> {
  const limit = pageSize(query.limit, DEFAULT_LOG_PAGE);
  if (query.categories) return selectCategories(database, query.after, limit, query.categories);
  const { rows } = await database.query<EventColumns>({
    name: 'es.log',
    text: `select ${COLUMNS} from es.events where position > $1 order by position limit $2`,
    values: [query.after, limit],
  });
  const events = rows.map(storedEvent);
  return { events, through: events.at(-1)?.storePosition ?? query.after };
}

/**
 * Each category contributes its next events from its own index, so a rare category is read without walking over the rest.
 * The head comes from the same statement: everything up to it was visible to the search.
 */
async function selectCategories(
  database: Queryable,
  after: number,
  limit: number,
  categories: readonly string[],
): Promise<LogPage> {
  const { rows } = await database.query<EventColumns & { head: number | null }>({
    name: 'es.categories',
    text: `select found.*, h.head
           from (select max(position) as head from es.events) h
           left join lateral (
             select near.* from unnest($2::text[]) c(category)
             cross join lateral (
               select ${COLUMNS} from es.events
               where split_part(stream, '-', 1) = c.category and position > $1 order by position limit $3
             ) near
             order by near.position limit $3
           ) found on true
           order by found.position`,
    values: [after, [...new Set(categories)], limit],
  });
  const events = rows.filter(({ position }) => position !== null).map(storedEvent);
  const head = Number(rows[0]?.head ?? BEFORE_FIRST);
  const through = events.length === limit ? (events.at(-1) as StoredEvent).storePosition : Math.max(head, after);
  return { events, through };
}

/** Position of the last event. */
export async function selectHead(database: Queryable): Promise<number> {
  const { rows } = await database.query<{ position: number | string }>({
    name: 'es.head',
    text: 'select position from es.head where id = 1',
  });
  return Number(rows[0]?.position);
}

function pageSize(limit: number | undefined, otherwise: number): number {
  const size = limit ?? otherwise;
  if (Number.isInteger(size) && size >= 1 && size <= MAX_PAGE) return size;
  throw new RangeError(`A page has 1 to ${MAX_PAGE} events, not ${size}.`);
}

function storedEvent(row: EventColumns): StoredEvent {
  return {
    id: row.event_id,
    type: row.type,
    schemaVersion: row.schema_version,
    recordedAt: row.recorded_at,
    data: JSON.parse(row.data),
    metadata: JSON.parse(row.metadata),
    stream: row.stream,
    revision: row.revision,
    storePosition: Number(row.position),
  };
}
