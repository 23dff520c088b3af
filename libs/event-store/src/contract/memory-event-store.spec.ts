import { eventStoreContract } from '../event-store.contract.js';
import type { StoredEvent } from '../event-store.port.js';
import { memoryEventStore } from './memory-event-store.js';

eventStoreContract('in memory, for specs', async () => {
  const log: StoredEvent[] = [];
  const store = memoryEventStore(log);
  return {
    store,
    reopen: async () => {
      await store.close();
      return memoryEventStore(log);
    },
    end: () => store.close(),
  };
});
