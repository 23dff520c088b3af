import type { SealedBatch, SealedStoredEvent } from '#libs/bus';
import type { Catalogue } from '#libs/contracts';
import { DomainError, parseStreamName } from '#libs/kernel';
import type { Reached } from './places.js';
import type { Projection } from './projection.js';
import { endsOf } from './stretch.js';

/** Why projecting stops before an event: this software is older than the event. */
export interface NotUnderstood {
  readonly position: number;
  readonly type: string;
  readonly reason: 'unknown-type' | 'newer-schema-version';
}

/** Why a runner came to an end without being asked to. It will not go on before someone has acted. */
export type Stop = NotUnderstood | { readonly reason: 'sealed-log-broken' | 'topic-refused'; readonly message: string };

/** Projecting stopped while a projection was brought up. */
export class StoppedError extends DomainError {
  readonly code = 'projecting-stopped';
  readonly kind = 'unavailable';
  constructor(readonly stop: Stop) {
    super('Projecting stopped before an event. The readiness of the projector says why and what to do.');
  }
}

/** What of a batch can be taken. */
export interface Takeable {
  readonly events: readonly SealedStoredEvent[];
  readonly reached: readonly Reached[];
  /** Why not all of it, if so. */
  readonly stop: Stop | null;
}

/** A batch as a whole. */
export const wholeOf = ({ partition, events, sealedThrough, storeThrough, bookmark }: SealedBatch): Takeable => ({
  events,
  reached: [{ partition, position: sealedThrough, storePosition: storeThrough, bookmark }],
  stop: null,
});

/** A batch up to a position, exclusive, where it has to stop. */
export function cutBefore({ partition, events }: SealedBatch, position: number, stop: Stop): Takeable {
  const before = events.filter((event) => event.position < position);
  return { events: before, reached: endsOf(before, [{ partition }]), stop };
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
