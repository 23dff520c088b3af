import type { Queryable } from '#libs/database';
import type { EventStore } from '#libs/event-store';
import { SealedEventMissingError } from './ledger.errors.js';
import { lastSealedRow, type SealedRow } from './sealed-log.queries.js';

/**
 * Makes sure that the store still holds the event that was sealed last, at its place. A store that was set back behind the sealed log
 * would fill its old places with events that nobody seals: better to stop.
 * @returns the last row of the sealed log, `null` while nothing is sealed
 * @throws {SealedEventMissingError} when the store was replaced by an older or another one
 */
export async function requireSealedTail({
  database,
  store,
}: {
  readonly database: Queryable;
  readonly store: Pick<EventStore, 'readStream'>;
}): Promise<SealedRow | null> {
  const last = await lastSealedRow(database);
  if (!last) return null;
  const [event] = await store.readStream(last.stream, { from: last.revision, limit: 1 });
  if (event?.id !== last.eventId || event.storePosition !== last.storePosition)
    throw new SealedEventMissingError(last.position);
  return last;
}
