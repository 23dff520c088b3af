import { v5 as uuidv5 } from 'uuid';
import { system } from '#libs/kernel';
import type { EventToAppend } from '../event-store.port.js';

const NAMESPACE = '3f0b7f0e-8f4e-5f67-9c0e-0d5a4f1c2b7a';

/** The instant at which all events of the contract are stamped. */
export const now = '2026-03-02T09:00:00.000Z';

/** A uuid that depends on nothing but the name. */
export const idOf = (name: string): string => uuidv5(name, NAMESPACE);

/** Events with seeded ids; the same seed always gives the same events. At least one, so that destructuring needs no check. */
export function eventsFor(
  seed: string,
  count: number,
): [EventToAppend, EventToAppend, EventToAppend, ...EventToAppend[]] {
  const events = Array.from({ length: count }, (_, index) => eventFor(seed, index));
  return events as [EventToAppend, EventToAppend, EventToAppend, ...EventToAppend[]];
}

function eventFor(seed: string, index: number): EventToAppend {
  return {
    id: idOf(`${seed}/event/${index}`),
    type: 'ProfileUpdated',
    schemaVersion: 1,
    recordedAt: now,
    data: { seed, index },
    metadata: {
      actor: system('contract'),
      commandId: idOf(seed),
      commandDigest: 'd1',
      correlationId: idOf(`${seed}/correlation`),
    },
  };
}

/** Makes stream names that have not been used before in this tenant. */
export function streams(tenant: string): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `account-${tenant}+contract-${count}`;
  };
}
