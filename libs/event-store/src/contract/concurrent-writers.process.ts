import { openDatabase } from '#libs/database';
import { postgresEventStore } from '../postgres/postgres-event-store.js';
import { writeConcurrently } from './concurrent-writers.js';

// One of several processes that append to the same database at once: node concurrent-writers.process.js URL PROCESS_NUMBER WRITERS
const [url, processNumber, writers] = process.argv.slice(2);
const log = { info: () => {}, warn: console.error, error: console.error };

const database = await openDatabase({ url: url as string, dataDir: '', log });
const store = postgresEventStore({ database });
await writeConcurrently(store, Number(processNumber), Number(writers));
await store.close();
await database.close();
