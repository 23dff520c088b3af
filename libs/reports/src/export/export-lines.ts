import { isDeepStrictEqual } from 'node:util';
import type { StoredEvent } from '#libs/event-store';
import { DomainError, type RecordedEvent } from '#libs/kernel';
import type { SealedRow } from '#libs/ledger';
import type { EventReader } from '#libs/read-model';

/** An event as the sealed log has it, with its line there. */
export interface SealedAndStored {
  readonly row: SealedRow;
  readonly event: StoredEvent;
}

/** How an event reads in an export: what its reader may see, or that it cannot be read. */
type Shown = Pick<RecordedEvent, 'schemaVersion' | 'data'> & { readonly unreadable?: string };

/**
 * Writes events as lines of an export. Each reads as in the audit log; `hash` is the one that was sealed; `stored` holds what is stored,
 * wherever that differs from what is shown (encrypted fields, an older schema), so that the hash can be recomputed from the line alone.
 * An event that cannot be read any more is written as stored, with `unreadable`.
 * @throws when the keys cannot be reached now
 */
export async function exportLines(
  reader: EventReader,
  events: readonly SealedAndStored[],
  personal: boolean,
): Promise<string[]> {
  const shown = await showAll(
    reader,
    events.map(({ event }) => event),
    personal,
  );
  return events.map((one, index) => lineOf(one, shown[index] as Shown));
}

function lineOf({ row, event }: SealedAndStored, { schemaVersion, data, unreadable }: Shown): string {
  const asStored = schemaVersion === event.schemaVersion && isDeepStrictEqual(data, event.data);
  return JSON.stringify({
    id: event.id,
    type: event.type,
    schemaVersion,
    tenant: row.tenant,
    stream: event.stream,
    revision: event.revision,
    position: row.position,
    tenantPosition: row.tenantPosition,
    recordedAt: event.recordedAt,
    sealedAt: row.sealedAt,
    data,
    metadata: event.metadata,
    hash: row.hash,
    ...(asStored ? {} : { stored: { schemaVersion: event.schemaVersion, data: event.data } }),
    ...(unreadable === undefined ? {} : { unreadable }),
  });
}

async function showAll(reader: EventReader, events: readonly StoredEvent[], personal: boolean): Promise<Shown[]> {
  try {
    return await decode(reader, events, personal);
  } catch (error) {
    if (mayPass(error)) throw error;
    return Promise.all(events.map((event) => showOne(reader, event, personal)));
  }
}

async function showOne(reader: EventReader, event: StoredEvent, personal: boolean): Promise<Shown> {
  try {
    const [shown] = await decode(reader, [event], personal);
    return shown as Shown;
  } catch (error) {
    if (mayPass(error)) throw error;
    const { schemaVersion, data } = event;
    return { schemaVersion, data, unreadable: error instanceof DomainError ? error.code : 'not-understood' };
  }
}

const decode = async (reader: EventReader, events: readonly StoredEvent[], personal: boolean) =>
  personal ? reader.decode(events) : reader.decodeWithholding(events);

/** What may be otherwise in a minute says nothing about the event. */
const mayPass = (error: unknown): boolean =>
  error instanceof DomainError
    ? error.kind === 'unavailable'
    : !(error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError);
