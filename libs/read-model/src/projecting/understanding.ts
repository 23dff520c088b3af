import type { SealedStoredEvent } from '#libs/bus';
import type { Catalogue } from '#libs/contracts';
import { parseStreamName } from '#libs/kernel';
import type { Projection } from './projection.js';

/** Why projecting stops before an event: this software is older than the event. */
export interface NotUnderstood {
  readonly position: number;
  readonly type: string;
  readonly reason: 'unknown-type' | 'newer-schema-version';
}

/** The first event that one of the projections must understand and cannot; null when there is none. */
export function firstNotUnderstood(
  catalogue: Pick<Catalogue, 'entry'>,
  projections: readonly Projection[],
  events: readonly SealedStoredEvent[],
): NotUnderstood | null {
  const projected = new Set(projections.flatMap(({ categories }) => categories));
  for (const { stream, type, schemaVersion, position } of events) {
    if (!projected.has(parseStreamName(stream).category)) continue;
    const entry = catalogue.entry(type);
    if (!entry) return { position, type, reason: 'unknown-type' };
    if (schemaVersion > entry.schemaVersion) return { position, type, reason: 'newer-schema-version' };
  }
  return null;
}
