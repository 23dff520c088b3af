import type { EventCodec, EventStore } from '#libs/event-store';
import type { SealedEvent } from '#libs/kernel';

/** Appends a history to a real store, event by event, encrypted as everything is. Positions are then the store's and the relay's. */
export async function writeHistory(
  { store, codec }: { readonly store: EventStore; readonly codec: EventCodec },
  events: readonly SealedEvent[],
): Promise<void> {
  for (const event of events) await store.append(event.stream, event.revision - 1, await codec.encode([event]));
}
