import { z } from 'zod';
import type { StoredEvent } from '#libs/event-store';
import { parseStreamName } from '#libs/kernel';
import { canonicalHash } from '#libs/ledger';

const position = z.int().nonnegative();
const kept = { schemaVersion: z.int().positive(), data: z.unknown() };

/** A line of an export that tells of an event. */
const lineSchema = z.looseObject({
  id: z.string(),
  type: z.string(),
  tenant: z.string(),
  stream: z.string(),
  revision: z.int().nonnegative(),
  position,
  tenantPosition: position,
  recordedAt: z.string(),
  metadata: z.looseObject({}),
  hash: z.string(),
  stored: z.looseObject(kept).optional(),
  ...kept,
});

/** An event as an export tells of it. */
export type ExportedEvent = z.infer<typeof lineSchema>;

/** Reads a line; null where it tells of no event. */
export function exportedEvent(line: unknown): ExportedEvent | null {
  const parsed = lineSchema.safeParse(line);
  return parsed.success ? parsed.data : null;
}

/**
 * Whether the hash that stands with an event is that of what is stored, and the tenant that of the stream. What is shown beside what is
 * stored (decrypted, or in a newer form) no hash vouches for.
 */
export function isAsSealed(event: ExportedEvent): boolean {
  const { schemaVersion, data } = event.stored ?? event;
  try {
    const stored = { ...event, schemaVersion, data, storePosition: event.position } as unknown as StoredEvent;
    return (
      parseStreamName(event.stream).tenant === event.tenant && canonicalHash(stored).toString('hex') === event.hash
    );
  } catch {
    return false;
  }
}
