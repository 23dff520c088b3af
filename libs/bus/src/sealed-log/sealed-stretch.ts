import type { Database } from '#libs/database';
import type { EventStore, StoredEvent } from '#libs/event-store';
import { readSealedRows, type SealedRow } from '#libs/ledger';
import { SealedLogBrokenError } from '../sealed-events.errors.js';
import { MAX_BATCH_EVENTS, type SealedStoredEvent } from '../sealed-events.port.js';

/** Events that are fetched from the store at a time. One is 1 MB at most, so a stretch never exceeds its bytes by more than 250 MB. */
const PAGE_EVENTS = 250;

/** Bytes of JSON after which a stretch is cut, short of `MAX_BATCH_EVENTS`: large events come in smaller batches. */
const ENOUGH_BYTES = 8_000_000;

/** Where a stretch begins, in both orders; exclusive. */
interface StretchStart {
  readonly sealedThrough: number;
  readonly storeThrough: number;
}

/** Consecutive events of the sealed log. */
export interface SealedStretch extends StretchStart {
  readonly events: readonly SealedStoredEvent[];
  /** Whether more is sealed than was taken. */
  readonly behind: boolean;
}

/** The store does not have a sealed event: it is lost, or a node that lags behind has answered. */
export class SealedEventAbsentError extends Error {
  constructor(readonly position: number) {
    super(`The store does not show the event that was sealed at position ${position}. It is asked again.`);
  }
}

/**
 * What is sealed next, with its events: as much as the store shows, at most `MAX_BATCH_EVENTS` and about 8 MB.
 * @throws {SealedEventAbsentError} when the store lacks the very next event
 * @throws {SealedLogBrokenError} when it has another one there
 */
export async function nextStretch(
  { database, store }: { readonly database: Pick<Database, 'query'>; readonly store: Pick<EventStore, 'readLog'> },
  { sealedThrough, storeThrough }: StretchStart,
): Promise<SealedStretch> {
  const rows = await readSealedRows(database, sealedThrough, MAX_BATCH_EVENTS);
  const events: SealedStoredEvent[] = [];
  let [bytes, isWhole] = [0, true];
  while (events.length < rows.length && bytes < ENOUGH_BYTES && isWhole) {
    const page = rows.slice(events.length, events.length + PAGE_EVENTS);
    const after = events.at(-1)?.storePosition ?? storeThrough;
    const { events: stored } = await store.readLog({ after, limit: page.length });
    const joined = joinedWhilePresent(page, stored, sealedThrough + 1 + events.length);
    events.push(...joined);
    isWhole = joined.length === page.length;
    if (events.length < rows.length) bytes += sizeOf(joined);
  }
  const last = events.at(-1);
  if (!last && rows.length > 0) throw new SealedEventAbsentError(sealedThrough + 1);
  const behind = events.length < rows.length || rows.length === MAX_BATCH_EVENTS;
  if (!last) return { events, sealedThrough, storeThrough, behind };
  return { events, sealedThrough: last.position, storeThrough: last.storePosition, behind };
}

/**
 * Sealed rows and events are one to one and in the same order. Up to the first event that is absent; what stands in another's place is
 * a contradiction, and no waiting mends it.
 */
function joinedWhilePresent(
  rows: readonly SealedRow[],
  events: readonly StoredEvent[],
  first: number,
): SealedStoredEvent[] {
  const joined: SealedStoredEvent[] = [];
  for (const [index, row] of rows.entries()) {
    const position = first + index;
    if (row.position !== position) throw new SealedLogBrokenError('a position is missing', position);
    const event = events[index];
    if (!event || event.storePosition > row.storePosition) break;
    if (event.id !== row.eventId) throw new SealedLogBrokenError('the store has another event there', position);
    const { tenant, tenantPosition, sealedAt } = row;
    joined.push({ ...event, tenant, position, tenantPosition, sealedAt });
  }
  return joined;
}

function sizeOf(events: readonly SealedStoredEvent[]): number {
  return events.reduce((sum, { data }) => sum + (JSON.stringify(data)?.length ?? 0), 0);
}
