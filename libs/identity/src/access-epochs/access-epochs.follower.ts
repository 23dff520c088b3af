import type { Database } from '#libs/database';
import type { EventStore, StoredEvent } from '#libs/event-store';
import { parseStreamName } from '#libs/kernel';
import { type StoreFollower, storeFollower } from '../store-follower.js';
import { type AccountEpoch, endsSessions, raiseEpochs } from './access-epochs.js';

/** What the follower of access epochs needs. */
export interface AccessEpochsFollowerDependencies {
  readonly database: Database;
  readonly store: EventStore;
  readonly onFailure: (error: unknown) => void;
}

/** Raises epochs once more from what the store holds: a process that died between its append and its own raise ends no session late. */
export function accessEpochsFollower({ database, store, onFailure }: AccessEpochsFollowerDependencies): StoreFollower {
  return storeFollower<readonly AccountEpoch[]>({
    database,
    store,
    onFailure,
    name: 'access-epochs',
    categories: ['account'],
    prepare: async (events) => events.filter(({ type }) => endsSessions(type)).map(epochOf),
    async apply(client, epochs) {
      if (epochs.length > 0) await raiseEpochs(client, epochs);
    },
  });
}

function epochOf({ stream, revision }: StoredEvent): AccountEpoch {
  const { tenant, id } = parseStreamName(stream);
  return { tenant, account: id, revision };
}
