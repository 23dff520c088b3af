import type { Queryable } from '#libs/database';
import { BEFORE_FIRST, type EventStore } from '#libs/event-store';
import type { Clock } from '#libs/kernel';
import { lastSealedRow, readSealedRows } from '#libs/ledger';
import type { Lag } from '#libs/platform';

/** Events that are counted of those which are not sealed; more show as this many. */
export const COUNTED_MAX = 1_000;

/**
 * How far the relay is behind: events that are not sealed, and events that are sealed and not published, with the age of the oldest.
 * @param published position that is published; null where Kafka is not used
 */
export async function relayLag(
  { database, store, clock }: { database: Queryable; store: Pick<EventStore, 'readLog'>; clock: Clock },
  published: number | null,
): Promise<Lag> {
  const last = await lastSealedRow(database);
  const after = last?.storePosition ?? BEFORE_FIRST;
  const { events: unsealed } = await store.readLog({ after, limit: COUNTED_MAX });
  const unpublished = published === null ? 0 : (last?.position ?? -1) - published;
  const oldest =
    unpublished > 0 ? (await readSealedRows(database, published ?? -1, 1))[0]?.sealedAt : unsealed[0]?.recordedAt;
  const ageMs = oldest === undefined ? 0 : clock.now().getTime() - Date.parse(oldest);
  return { events: unsealed.length + unpublished, seconds: Math.max(0, ageMs / 1_000) };
}
