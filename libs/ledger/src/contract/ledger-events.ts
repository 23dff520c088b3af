import { createHash } from 'node:crypto';
import type { EventToAppend, StoredEvent } from '#libs/event-store';
import { parseStreamName, system } from '#libs/kernel';
import { canonicalHash } from '../canonical-hash.js';
import type { SealedRow } from '../sealed-log.queries.js';

/** A uuid that depends on nothing but the name. */
export function idOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** An event whose content depends on nothing but the seed. */
export function eventFor(seed: string): EventToAppend {
  return {
    id: idOf(seed),
    type: 'ProfileUpdated',
    schemaVersion: 1,
    recordedAt: '2026-03-02T09:00:00.000Z',
    data: { account: idOf(`${seed}/account`), text: 'sealed: Ω 😀', amount: 1.5 },
    metadata: {
      actor: system('spec'),
      commandId: idOf(`${seed}/command`),
      commandDigest: 'd1',
      correlationId: idOf(`${seed}/correlation`),
    },
  };
}

/** A log as the store would hold it: one event per stream named, in that order. */
export function storedLog(streams: readonly string[]): StoredEvent[] {
  const revisions = new Map<string, number>();
  return streams.map((stream, storePosition) => {
    const revision = (revisions.get(stream) ?? -1) + 1;
    revisions.set(stream, revision);
    return { ...eventFor(`${stream}/${revision}`), stream, revision, storePosition };
  });
}

/** The rows that a faultless sealer makes of a log. */
export function sealedLog(events: readonly StoredEvent[]): SealedRow[] {
  const ends = new Map<string, number>();
  return events.map((event, position) => {
    const { tenant } = parseStreamName(event.stream);
    const tenantPosition = (ends.get(tenant) ?? -1) + 1;
    ends.set(tenant, tenantPosition);
    return {
      position,
      tenant,
      tenantPosition,
      storePosition: event.storePosition,
      eventId: event.id,
      stream: event.stream,
      revision: event.revision,
      sealedAt: '2026-03-02T09:00:01.000Z',
      hash: canonicalHash(event).toString('hex'),
    };
  });
}
