import { EVERY_PARTITION, type SealedBatch, type SealedStoredEvent } from '#libs/bus';
import type { EventStore, StoredEvent } from '#libs/event-store';
import { type Json, parseStreamName, type RecordedEvent, type SealedEvent } from '#libs/kernel';

/** Events as a store holds them, but in clear: for tests in which encryption plays no part. */
export function storedInClear(events: readonly SealedEvent[]): SealedStoredEvent[] {
  return events.map((event) => ({ ...event, data: event.data as Json, storePosition: event.position }));
}

/** Reads what `storedInClear` made. */
export const clearReader = {
  decode: async (events: readonly StoredEvent[]): Promise<RecordedEvent[]> => events.map(inClear),
  decodeWithholding: (events: readonly StoredEvent[]): RecordedEvent[] => events.map(inClear),
};

const inClear = ({ storePosition: _place, ...event }: StoredEvent): RecordedEvent => ({
  ...event,
  tenant: parseStreamName(event.stream).tenant,
});

/** Events as one batch of the sealed log as a whole. */
export function batchOf(events: readonly SealedStoredEvent[], sealedThrough?: number): SealedBatch {
  const through = sealedThrough ?? events.at(-1)?.position ?? -1;
  return { partition: EVERY_PARTITION, events, sealedThrough: through, storeThrough: through, bookmark: null };
}

/** A store that can only be read: the streams of a history. */
export function storeOf(events: readonly SealedStoredEvent[]): Pick<EventStore, 'readStream' | 'readLog'> {
  return {
    readStream: async (stream, { from = 0, limit = 5_000 } = {}) =>
      events.filter((event) => event.stream === stream && event.revision >= from).slice(0, limit),
    readLog: async ({ after, limit = 1_000 }) => {
      const page = events.filter(({ storePosition }) => storePosition > after).slice(0, limit);
      return { events: page, through: page.at(-1)?.storePosition ?? after };
    },
  };
}
