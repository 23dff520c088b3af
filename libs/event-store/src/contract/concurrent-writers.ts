import { type EventStore, NO_STREAM } from '../event-store.port.js';
import { eventsFor } from './contract-events.js';

/** Appends that each writer makes, one after the other. */
export const APPENDS_PER_WRITER = 60;

/** The tenant of the writers where the log is empty to begin with. */
const TENANT = 'acme';

/** Ids that the writers of one process append, known beforehand. */
export function idsOfWriters(processNumber: number, writers: number, tenant = TENANT): string[] {
  return seeds(tenant, processNumber, writers).flatMap((own) =>
    own.flatMap((seed) => eventsFor(seed, 1).map(({ id }) => id)),
  );
}

/** Lets several writers append at once, each to streams of its own; resolves when all are acknowledged. */
export async function writeConcurrently(
  store: EventStore,
  processNumber: number,
  writers: number,
  tenant = TENANT,
): Promise<void> {
  await Promise.all(
    seeds(tenant, processNumber, writers).map(async (own) => {
      for (const seed of own) await store.append(`account-${tenant}+${seed}`, NO_STREAM, eventsFor(seed, 1));
    }),
  );
}

const seeds = (tenant: string, processNumber: number, writers: number) =>
  Array.from({ length: writers }, (_, writer) =>
    Array.from(
      { length: APPENDS_PER_WRITER },
      (_, append) => `${tenant}-process-${processNumber}-writer-${writer}-${append}`,
    ),
  );
