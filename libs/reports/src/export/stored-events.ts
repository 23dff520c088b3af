import type { Queryable } from '#libs/database';
import { BEFORE_FIRST, type EventStore, type StoredEvent } from '#libs/event-store';
import { type SealedRow, sealedRowsAt } from '#libs/ledger';
import { ExportBrokenError } from './export.errors.js';
import type { SealedAndStored } from './export-lines.js';

/** Events of the log that are read at once in the hope that most of them are wanted. */
const READ_AHEAD = 1_000;

/** Streams that are read at the same time, for what lies far apart in the log. */
const PARALLEL_READS = 8;

/** Where exports read from. */
export interface ExportStores {
  readonly database: Queryable;
  readonly store: Pick<EventStore, 'readStream' | 'readLog'>;
}

/**
 * Reads the events of lines of the sealed log, in their order: those close together by one look into the log, the rest from their streams.
 * @throws {ExportBrokenError} when the store lacks one
 */
export async function storedEventsOf(stores: ExportStores, rows: readonly SealedRow[]): Promise<SealedAndStored[]> {
  const wanted = new Map(rows.map((row) => [row.eventId, row]));
  const found = new Map<string, StoredEvent>();
  for (const event of await nextOfLog(stores, rows)) if (wanted.has(event.id)) found.set(event.id, event);
  const far = rows.filter(({ eventId }) => !found.has(eventId));
  for (let at = 0; at < far.length; at += PARALLEL_READS) {
    const some = await Promise.all(far.slice(at, at + PARALLEL_READS).map((row) => readOne(stores, row)));
    for (const event of some) if (event) found.set(event.id, event);
  }
  return rows.map((row) => {
    const event = found.get(row.eventId);
    if (!event) throw new ExportBrokenError(row.position);
    return { row, event };
  });
}

/** What follows in the store upon the line before the first one. */
async function nextOfLog(
  { database, store }: ExportStores,
  [first]: readonly SealedRow[],
): Promise<readonly StoredEvent[]> {
  if (!first) return [];
  const [before] = first.position === 0 ? [] : await sealedRowsAt(database, [first.position - 1]);
  if (!before && first.position > 0) return [];
  const page = await store.readLog({ after: before?.storePosition ?? BEFORE_FIRST, limit: READ_AHEAD });
  return page.events;
}

async function readOne({ store }: ExportStores, { stream, revision }: SealedRow): Promise<StoredEvent | undefined> {
  const [event] = await store.readStream(stream, { from: revision, limit: 1 });
  return event;
}
