import type { EventData, RecordedEvent } from '@kurrent/kurrentdb-client';
import type { Json } from '#libs/kernel';
import { InvalidAppendError } from '../event-store.errors.js';
import type { StoredEvent } from '../event-store.port.js';
import type { EventRow } from '../postgres/append-request.js';
import { EventStoreRefusedError } from './kurrentdb.errors.js';

/**
 * Names of streams as Gatebook makes them: `category-tenant+id`. What the server keeps for itself begins with a dollar sign and is left out
 * with everything else that has another shape.
 */
export const OUR_STREAMS = '^[^$-][^-]*-[^+]+[+].';

/** What stands beside the event's own metadata in the metadata of the server, and is taken out again when it is read. */
interface Beside {
  readonly schemaVersion: number;
  readonly recordedAt: string;
  /** Which append wrote the event: the same for all its attempts, another one for a repeat. */
  readonly appendId: string;
  /** The names under which the server's own tools look for the chain of causes. */
  readonly $correlationId?: Json;
  readonly $causationId?: Json;
}

const BESIDE = ['schemaVersion', 'recordedAt', 'appendId', '$correlationId', '$causationId'];

/** An event as the server holds it, and which append wrote it. */
export interface FoundEvent {
  readonly event: StoredEvent;
  readonly appendId: string;
}

/**
 * Turns a checked event into what the client takes. Data and metadata are fresh copies of the text that was checked, so that neither a later
 * change by the caller nor a value that JSON cannot hold ever reaches the client; it writes them again as the same text.
 * @throws {InvalidAppendError} when the metadata uses a name that is reserved here
 */
export function eventToSend(row: EventRow, appendId: string): EventData {
  const metadata: Record<string, Json> = JSON.parse(row.metadata);
  if (BESIDE.some((name) => Object.hasOwn(metadata, name)))
    throw new InvalidAppendError(`metadata (reserved are ${BESIDE.join(', ')})`);
  const { schemaVersion, recordedAt } = row;
  const beside: Beside = {
    schemaVersion,
    recordedAt,
    appendId,
    ...(metadata.correlationId === undefined ? {} : { $correlationId: metadata.correlationId }),
    ...(metadata.causationId === undefined ? {} : { $causationId: metadata.causationId }),
  };
  return {
    id: row.id,
    type: row.type,
    contentType: 'application/json',
    data: JSON.parse(row.data),
    metadata: { ...metadata, ...beside },
  };
}

/**
 * Turns an event of the server into ours.
 * @throws {EventStoreRefusedError} when it was not written by Gatebook, or the server does not say where it stands
 */
export function foundEvent(recorded: RecordedEvent): FoundEvent {
  const { streamId: stream, id, type, data, revision, position } = recorded;
  const place = `stream: ${stream}, revision: ${revision}`;
  const { metadata, beside } = apart(recorded.metadata, place);
  return {
    event: {
      id,
      type,
      schemaVersion: beside.schemaVersion,
      recordedAt: beside.recordedAt,
      data: data as Json,
      metadata,
      stream,
      revision: countedBy(revision, place),
      storePosition: countedBy(position?.commit, place),
    },
    appendId: beside.appendId,
  };
}

function apart(given: unknown, place: string): { readonly metadata: StoredEvent['metadata']; readonly beside: Beside } {
  const all = given !== null && typeof given === 'object' ? Object.entries(given) : [];
  const beside: Partial<Beside> = Object.fromEntries(all.filter(([name]) => BESIDE.includes(name)));
  const metadata = Object.fromEntries(all.filter(([name]) => !BESIDE.includes(name)));
  if (typeof beside.schemaVersion !== 'number' || typeof beside.recordedAt !== 'string')
    throw new EventStoreRefusedError(
      `an event was not written by Gatebook (${place}). Give Gatebook a server of its own.`,
    );
  return { metadata: metadata as unknown as StoredEvent['metadata'], beside: beside as Beside };
}

/** Counts of the server have 64 bits, ours 53: the log would have to grow to nine petabytes before that mattered. */
function countedBy(count: bigint | undefined, place: string): number {
  const counted = Number(count ?? Number.NaN);
  if (Number.isSafeInteger(counted)) return counted;
  throw new EventStoreRefusedError(
    `the server does not say where an event stands (${place}). Use KurrentDB 24.10 or later.`,
  );
}
