import { randomUUID } from 'node:crypto';
import { EVERY_PARTITION, PARTITIONS } from '../partitions.js';
import type {
  ReadingPlace,
  SealedBatch,
  SealedEvents,
  SealedEventsReader,
  SealedStoredEvent,
} from '../sealed-events.port.js';

/** Longest wait for a batch that must come, in milliseconds. */
const PATIENCE_MS = 25_000;

/** A reader that remembers what it got, and where it stands, in memory. */
export interface Reading extends SealedEventsReader {
  readonly batches: readonly SealedBatch[];
  /** Everything received, by position. */
  events(): readonly SealedStoredEvent[];
  /** Position up to which every partition was received. */
  reached(): number;
  /** Whether a batch of each partition has come. */
  hasHeardOfAll(): boolean;
  /** Takes batches, and tells of each. */
  takeUntil(told: (batch: SealedBatch) => void): SealedEventsReader['take'];
  /** Follows until the condition holds after a batch. @throws when it does not hold in time */
  readOn(bus: SealedEvents, enough: (batch: SealedBatch) => boolean, as?: SealedEventsReader): Promise<void>;
}

/** A reader with a name of its own that has everything up to a position. */
export function reading(after: number): Reading {
  const batches: SealedBatch[] = [];
  const places = new Map<number, ReadingPlace>();
  const place = (partition: number) => places.get(partition) ?? { position: after, bookmark: null };
  const keep = (batch: SealedBatch) => {
    batches.push(batch);
    places.set(batch.partition, { position: batch.sealedThrough, bookmark: batch.bookmark });
  };
  const positions = () => Array.from({ length: PARTITIONS }, (_, partition) => place(partition).position);
  const reader: Reading = {
    name: `spec-${randomUUID()}`,
    batches,
    place: async (partition) => place(partition),
    take: async (batch) => {
      keep(batch);
      return 'go-on';
    },
    events: () => batches.flatMap(({ events }) => events).sort((a, b) => a.position - b.position),
    reached: () => Math.max(place(EVERY_PARTITION).position, Math.min(...positions())),
    hasHeardOfAll: () => places.has(EVERY_PARTITION) || places.size === PARTITIONS,
    takeUntil: (told) => async (batch) => {
      keep(batch);
      told(batch);
      return 'go-on';
    },
    readOn: async (bus, enough, as = reader) => {
      let done = false;
      const take: SealedEventsReader['take'] = async (batch) => {
        if (done) return 'stop';
        if ((await as.take(batch)) === 'stop') return 'stop';
        done = enough(batch);
        return done ? 'stop' : 'go-on';
      };
      await bus.follow({ ...as, take }, AbortSignal.timeout(PATIENCE_MS));
      if (!done) throw new Error(`What was waited for did not come within ${PATIENCE_MS} ms.`);
    },
  };
  return reader;
}
