import { type EventStore, NO_STREAM } from '../event-store.port.js';
import { eventsFor } from './contract-events.js';

/** Appends that each writer makes, one after the other. */
export const APPENDS_PER_WRITER = 60;

/** Ids that the writers of one process append, known beforehand. */
export function idsOfWriters(processNumber: number, writers: number): string[] {
  return seeds(processNumber, writers).flatMap((own) => own.flatMap((seed) => eventsFor(seed, 1).map(({ id }) => id)));
}

/** Lets several writers append at once, each to streams of its own; resolves when all are acknowledged. */
export async function writeConcurrently(store: EventStore, processNumber: number, writers: number): Promise<void> {
  await Promise.all(
    seeds(processNumber, writers).map(async (own) => {
      for (const seed of own) await store.append(`account-acme+${seed}`, NO_STREAM, eventsFor(seed, 1));
    }),
  );
}

const seeds = (processNumber: number, writers: number) =>
  Array.from({ length: writers }, (_, writer) =>
    Array.from({ length: APPENDS_PER_WRITER }, (_, append) => `process-${processNumber}-writer-${writer}-${append}`),
  );
