import { BEFORE_SEALED, SealedLogBrokenError, type SealedStoredEvent } from '#libs/bus';
import type { Catalogue } from '#libs/contracts';
import type { Queryable } from '#libs/database';
import { BEFORE_FIRST, type EventStore, type StoredEvent } from '#libs/event-store';
import { readSealedRows } from '#libs/ledger';
import type { Projection } from '../projecting/projection.js';

/** What reading the log again needs. */
export interface LogSource {
  /** Holds `ledger.sealed_log`. */
  readonly database: Queryable;
  readonly store: Pick<EventStore, 'readLog'>;
}

/** The next part of the log. */
export interface LogPart {
  /** What the projection may read of it, in order. */
  readonly events: readonly SealedStoredEvent[];
  /** Everything up to this position of the sealed log has been looked at. */
  readonly through: number;
}

/** How much of the log to read. */
export interface LogStretch {
  /** Position, exclusive. */
  readonly after: number;
  /** Position, inclusive. */
  readonly through: number;
  /** Most events of one part, 1–5,000. */
  readonly limit: number;
  /** Streams of these categories alone; null for all. */
  readonly categories: readonly string[] | null;
}

/** Categories of streams that a projection reads, or has to understand; null for all. */
export function categoriesOf(
  catalogue: Pick<Catalogue, 'entry'>,
  { reads, categories }: Projection,
): readonly string[] | null {
  if (reads === 'every') return null;
  const named = [...reads].flatMap((type) => catalogue.entry(type)?.category ?? []);
  return [...new Set([...categories, ...named])];
}

/**
 * Reads a stretch of the log from the store and joins it with the sealed log, part by part; while the caller has one part, the next is
 * read. Events and sealed rows are one to one, so whatever does not match is a loss.
 * @throws {SealedLogBrokenError} when it does not, or when the log ends before the stretch does
 */
export async function* readLogStretch(source: LogSource, stretch: LogStretch): AsyncGenerator<LogPart> {
  const end = await storePositionAt(source, stretch.through);
  const begin = { position: stretch.after, storePosition: await storePositionAt(source, stretch.after) };
  const read = (after: Place) => {
    const next = readPart(source, stretch, after, end);
    next.catch(() => undefined); // told by whoever waits for it
    return next;
  };
  for (let reading = read(begin); ; ) {
    const { events, through } = await reading;
    const isLast = through.storePosition === end;
    if (!isLast) reading = read(through);
    yield { events, through: through.position };
    if (isLast) return;
  }
}

/** Up to where the log has been looked at: in the sealed log, and in the store that the database works with now. */
interface Place {
  readonly position: number;
  readonly storePosition: number;
}

interface Part {
  readonly events: readonly SealedStoredEvent[];
  readonly through: Place;
}

async function readPart(source: LogSource, stretch: LogStretch, after: Place, end: number): Promise<Part> {
  const { limit, categories } = stretch;
  const query = { after: after.storePosition, limit, ...(categories ? { categories } : {}) };
  const page = await source.store.readLog(query);
  if (page.through <= after.storePosition && after.storePosition < end)
    throw new SealedLogBrokenError('the store ends before it', stretch.through);
  const isLast = page.through >= end;
  const events = page.events.filter(({ storePosition }) => storePosition <= end);
  const through = isLast ? stretch.through : await positionOf(source, events.at(-1), after.position);
  const rows = await sealedRows(source, categories, after.position, through);
  const joined = rows.map((row, index) => {
    const event = events[index];
    if (event?.id !== row.id) throw new SealedLogBrokenError('the store has another event there', row.position);
    return { ...event, ...row };
  });
  if (joined.length !== events.length)
    throw new SealedLogBrokenError('it lacks an event of the store', rows.at(-1)?.position ?? after.position);
  return { events: joined, through: { position: through, storePosition: Math.min(page.through, end) } };
}

type SealedPlace = Pick<SealedStoredEvent, 'position' | 'tenant' | 'tenantPosition' | 'id' | 'sealedAt'>;

/** By position, never by the place in the store: that has no index, and is another one after a move. */
async function sealedRows(
  { database }: LogSource,
  categories: readonly string[] | null,
  after: number,
  through: number,
): Promise<SealedPlace[]> {
  const { rows } = await database.query<SealedPlace>({
    name: 'read_model_shadow.places',
    text: `select position, tenant, tenant_position as "tenantPosition", event_id as id, sealed_at as "sealedAt"
           from ledger.sealed_log where position > $1 and position <= $2
             and ($3::text[] is null or split_part(stream, '-', 1) = any($3)) order by position`,
    values: [after, through, categories],
  });
  return rows;
}

/** Position of the last event of a page; a page without events ends where it began. */
async function positionOf({ database }: LogSource, last: StoredEvent | undefined, otherwise: number): Promise<number> {
  if (!last) return otherwise;
  const { rows } = await database.query<{ position: number }>({
    name: 'read_model_shadow.position',
    text: 'select position from ledger.sealed_log where event_id = $1',
    values: [last.id],
  });
  if (!rows[0]) throw new SealedLogBrokenError('it lacks an event of the store', otherwise);
  return rows[0].position;
}

async function storePositionAt({ database }: LogSource, position: number): Promise<number> {
  if (position === BEFORE_SEALED) return BEFORE_FIRST;
  const [row] = await readSealedRows(database, position - 1, 1);
  if (row?.position !== position) throw new SealedLogBrokenError('it ends before the read model does', position);
  return row.storePosition;
}
