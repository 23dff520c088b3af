import { randomUUID } from 'node:crypto';
import { startKurrentDbStandIn, startScript } from '#libs/testing';
import { idsOfWriters } from '../contract/concurrent-writers.js';
import { eventStoreContract, type StoreUnderTest } from '../event-store.contract.js';
import { noSkipContract, type WritersUnderTest } from '../no-skip.contract.js';
import { kurrentDbEventStore } from './kurrentdb-event-store.js';

/** A real server to test on, which may hold anything. Nobody else may write to it meanwhile. */
const REAL_SERVER = process.env.TEST_EVENT_STORE_URL;

/** The writers make 16 together. */
const [PROCESSES, WRITERS_PER_PROCESS] = [4, 4];

/** A server under test; without a tenant of its own it is empty. */
interface ServerUnderTest {
  readonly url: string;
  readonly tenant?: string;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

async function opened({ url, tenant, restart, stop }: ServerUnderTest): Promise<StoreUnderTest> {
  const store = kurrentDbEventStore({ url });
  const stores = [store];
  return {
    store,
    ...(tenant === undefined ? {} : { tenant }),
    reopen: async () => {
      await store.close();
      await restart();
      const again = kurrentDbEventStore({ url });
      stores.push(again);
      return again;
    },
    end: async () => {
      await Promise.all(stores.map((one) => one.close()));
      await stop();
    },
  };
}

/** Appends as one of several processes; the library comes from the last build. */
const writerScript = (url: string, processNumber: number, tenant: string | undefined) => `
  const { kurrentDbEventStore } = await import('#libs/event-store');
  const { writeConcurrently } = await import('./dist/libs/event-store/src/contract/concurrent-writers.js');
  const store = kurrentDbEventStore({ url: ${JSON.stringify(url)} });
  await writeConcurrently(store, ${processNumber}, ${WRITERS_PER_PROCESS}, ${JSON.stringify(tenant)});
  process.exit(0);
`;

function withWriters({ url, tenant, stop }: ServerUnderTest): WritersUnderTest {
  const store = kurrentDbEventStore({ url });
  const numbers = Array.from({ length: PROCESSES }, (_, processNumber) => processNumber);
  const runWriter = async (number: number) => {
    const code = await startScript(writerScript(url, number, tenant)).ended();
    if (code !== 0)
      throw new Error(`Writer process ${number} ended with code ${code}. Build first: dist has to be current.`);
  };
  return {
    store,
    ids: numbers.flatMap((number) => idsOfWriters(number, WRITERS_PER_PROCESS, tenant)),
    write: () => Promise.all(numbers.map(runWriter)),
    end: async () => {
      await store.close();
      await stop();
    },
  };
}

for (const negotiation of ['batch-append', 'no-batch-append', 'no-features'] as const) {
  eventStoreContract(`KurrentDB event store, stand-in, ${negotiation}`, async () =>
    opened(bound(await startKurrentDbStandIn({ negotiation }))),
  );
}

eventStoreContract('KurrentDB event store, stand-in, with TLS, found by discovery', async () => {
  const standIn = await startKurrentDbStandIn({ tls: true, credentials: { user: 'gatebook', password: 'p:@/ä%' } });
  return opened({ ...bound(standIn), url: standIn.discoverUrl });
});

noSkipContract('KurrentDB event store, stand-in', async () => withWriters(bound(await startKurrentDbStandIn())));

if (REAL_SERVER) {
  const server = () => ({
    url: REAL_SERVER,
    tenant: `contract${randomUUID().slice(0, 8)}`,
    restart: async () => {}, // not ours to restart; the store is opened again
    stop: async () => {},
  });
  eventStoreContract('KurrentDB event store, real server', async () => opened(server()));
  noSkipContract('KurrentDB event store, real server', async () => withWriters(server()));
} else {
  process.stderr.write('SKIPPED: nothing is tested on a real KurrentDB; set TEST_EVENT_STORE_URL to its URL\n');
}

/** The methods of a stand-in without their object. */
function bound(standIn: Awaited<ReturnType<typeof startKurrentDbStandIn>>): ServerUnderTest {
  return { url: standIn.url, restart: () => standIn.restart(), stop: () => standIn.stop() };
}
