import type { SealedEvent } from '#libs/kernel';
import { accountOf } from '../projecting/parked-streams.js';
import type { Projection } from '../projecting/projection.js';
import { put, type Table } from '../projecting/table.js';
import { type EventRow, eventsTable } from './events.table.js';

/**
 * Index of the whole sealed log. It looks at envelopes and at ids that stand in clear in the data, whatever the type, so it takes every
 * event there is, known to this software or not; only what was damaged on its way parks here.
 */
export const events: Projection = {
  name: 'events',
  version: 1,
  sight: 'envelope',
  tables: [eventsTable as unknown as Table],
  categories: [],
  ignores: [],
  reads: 'every',
  project: (event) => [
    put(eventsTable, {
      position: event.position,
      tenant: event.tenant,
      tenant_position: event.tenantPosition,
      event_id: event.id,
      stream: event.stream,
      revision: event.revision,
      sealed_at: event.sealedAt,
      ...indexedAs(event),
    }),
  ],
};

/** What events are searched by. */
export type IndexedAs = Pick<EventRow, 'type' | 'recorded_at' | 'account' | 'actor' | 'connection'>;

/** What the index has to say of an event, so that whoever reads one can hold the index against it. */
export const indexedAs = (event: SealedEvent): IndexedAs => ({
  type: event.type,
  recorded_at: event.recordedAt,
  account: accountOf(event),
  actor: `${event.metadata.actor.kind}:${event.metadata.actor.id}`,
  connection: connectionOf(event),
});

/** What of an event's data may name the connection that it came through. */
interface MayNameConnection {
  readonly connection?: unknown;
  readonly source?: { readonly connection?: unknown } | null;
  readonly grants?: readonly { readonly source?: { readonly connection?: unknown } | null }[];
}

function connectionOf({ data, metadata }: SealedEvent): string | null {
  const { connection, source, grants } = (data ?? {}) as MayNameConnection;
  const acting = metadata.actor.kind === 'connection' ? metadata.actor.id : null;
  const named = [connection, source?.connection, Array.isArray(grants) ? grants[0]?.source?.connection : null, acting];
  return named.find((id): id is string => typeof id === 'string') ?? null;
}
