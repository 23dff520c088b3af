import { type Database, databaseMigrations, migrate, openDatabase } from '#libs/database';
import { type DatabaseUnderTest, onEveryDatabase, silent, startScript, type TestDatabase } from '#libs/testing';
import { idsOfWriters, writeConcurrently } from '../contract/concurrent-writers.js';
import { eventsFor } from '../contract/contract-events.js';
import { everythingIn, followUntil } from '../contract/log-readers.js';
import { eventStoreContract } from '../event-store.contract.js';
import { AppendUnavailableError, EventIdTakenError } from '../event-store.errors.js';
import { BEFORE_FIRST, type EventStore, NO_STREAM } from '../event-store.port.js';
import { noSkipContract } from '../no-skip.contract.js';
import { eventStoreMigrations } from './event-store.migration.js';
import { postgresEventStore } from './postgres-event-store.js';

async function openMigrated(open: DatabaseUnderTest['open']): Promise<TestDatabase> {
  const test = await open();
  await migrate(test.database, [...databaseMigrations, ...eventStoreMigrations]);
  return test;
}

/** Appends as one of several processes; the library comes from the last build. */
const writerScript = (url: string, processNumber: number, writers: number) => `
  const { openDatabase } = await import('#libs/database');
  const { postgresEventStore } = await import('#libs/event-store');
  const { writeConcurrently } = await import('./dist/libs/event-store/src/contract/concurrent-writers.js');
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const database = await openDatabase({ url: ${JSON.stringify(url)}, dataDir: '', log });
  const store = postgresEventStore({ database });
  await writeConcurrently(store, ${processNumber}, ${writers});
  process.exit(0);
`;

onEveryDatabase((open, kind) => {
  eventStoreContract(`PostgreSQL event store, ${kind}`, async () => {
    const { url, dataDir, database, drop } = await openMigrated(open);
    let open_ = database;
    const store = postgresEventStore({ database });
    let again: EventStore | undefined;
    return {
      store,
      reopen: async () => {
        await store.close();
        await database.close();
        open_ = await openDatabase({ ...(url ? { url } : {}), dataDir, log: silent });
        again = postgresEventStore({ database: open_ });
        return again;
      },
      end: async () => {
        await again?.close();
        await open_.close();
        await drop();
      },
    };
  });

  noSkipContract(`PostgreSQL event store, ${kind}`, async () => {
    const { url, database, drop } = await openMigrated(open);
    const store = postgresEventStore({ database });
    const [processes, writers] = url ? [4, 4] : [1, 16];
    const numbers = Array.from({ length: processes }, (_, processNumber) => processNumber);
    const inProcesses = (at: string) =>
      Promise.all(
        numbers.map(async (number) => {
          const code = await startScript(writerScript(at, number, writers)).ended();
          if (code !== 0)
            throw new Error(`Writer process ${number} ended with code ${code}. Build first, so that dist is current.`);
        }),
      );
    return {
      store,
      ids: numbers.flatMap((number) => idsOfWriters(number, writers)),
      write: () => (url ? inProcesses(url) : writeConcurrently(store, 0, writers)),
      end: async () => {
        await store.close();
        await drop();
      },
    };
  });

  describe('the PostgreSQL event store', () => {
    let test: TestDatabase;
    let database: Database;
    let store: EventStore;
    beforeAll(async () => {
      test = await openMigrated(open);
      database = test.database;
      store = postgresEventStore({ database });
    }, 60_000);
    afterAll(async () => {
      await store?.close();
      await test?.drop();
    }, 60_000);

    it('gives dense positions from 0, also where appends in between were refused', async () => {
      const appends = Array.from({ length: 60 }, (_, i) =>
        store.append(`account-acme+dense-${i}`, i % 3 === 0 ? 7 : NO_STREAM, eventsFor(`dense-${i}`, 2)),
      );
      const settled = await Promise.allSettled(appends);
      const events = await everythingIn(store, { after: BEFORE_FIRST });
      expect(events.map(({ storePosition }) => storePosition)).toEqual(events.map((_, index) => index));
      expect(events).toHaveLength(80);
      for (const result of settled.filter((one) => one.status === 'fulfilled')) {
        const { storePosition, revision } = result.value;
        expect(events[storePosition]).toMatchObject({ revision });
      }
    });

    it('answers exactly where each append of a batch ended', async () => {
      const appends = await Promise.all(
        [1, 3, 2].map(async (count) => {
          const { storePosition } = await store.append(
            `account-acme+exact-${count}`,
            NO_STREAM,
            eventsFor(`exact-${count}`, count),
          );
          return [storePosition, (await store.readStream(`account-acme+exact-${count}`)).at(-1)?.storePosition];
        }),
      );
      for (const [answered, stored] of appends) expect(answered).toBe(stored);
    });

    it('refuses an event id that is used elsewhere without harm to the neighbours in the batch', async () => {
      await store.append('account-acme+owner', NO_STREAM, eventsFor('shared', 1));
      const results = await Promise.allSettled([
        store.append('account-acme+good', NO_STREAM, eventsFor('good', 1)),
        store.append('account-acme+thief', NO_STREAM, eventsFor('shared', 1)),
        store.append('account-acme+better', NO_STREAM, eventsFor('better', 1)),
      ]);
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(results[1]).toMatchObject({ reason: expect.any(EventIdTakenError) });
      expect(await store.readStream('account-acme+thief')).toEqual([]);
    });

    it.each([
      ['update', "update es.events set type = 'x'"],
      ['delete', 'delete from es.events'],
      ['truncate', 'truncate es.events'],
    ])('has events that refuse every %s, also by their owner', async (_, statement) => {
      await expect(database.query(statement)).rejects.toThrow(/never changed or removed/);
    });

    it('says that the outcome is unknown when the answer is lost, and recognises the repeat', async () => {
      const lossy = postgresEventStore({ database: losingTheFirstAnswer(database) });
      const events = eventsFor('lossy', 2);
      await expect(lossy.append('account-acme+lossy', NO_STREAM, events)).rejects.toThrow(AppendUnavailableError);
      expect((await lossy.append('account-acme+lossy', NO_STREAM, events)).revision).toBe(1);
      expect(await store.readStream('account-acme+lossy')).toHaveLength(2);
    });

    it('tells its own process at once', async () => {
      let told = 0;
      const here = postgresEventStore({ database, onAppended: () => told++ });
      await here.append('account-acme+told', NO_STREAM, eventsFor('told', 1));
      expect(told).toBe(1);
    });

    it('delivers also to a follower whom nobody tells', async () => {
      const elsewhere = postgresEventStore({ database });
      const following = followUntil(elsewhere, { after: await store.head() }, 1);
      await store.append('account-acme+untold', NO_STREAM, eventsFor('untold', 1));
      expect((await following).events.map(({ stream }) => stream)).toEqual(['account-acme+untold']);
    });

    it('has one look at the head for all its followers, who read when it has moved', async () => {
      const asked: string[] = [];
      const elsewhere = postgresEventStore({ database: noting(database, asked) });
      const after = await store.head();
      const queries = [{ after }, { after, categories: ['account'] }, { after, categories: ['account', 'role'] }];
      const following = queries.map((query) => followUntil(elsewhere, query, 1));
      const looks = () => asked.filter((name) => name === 'es.head').length;
      while (looks() < 3) await new Promise(setImmediate);
      expect(asked.filter((name) => name !== 'es.head')).toHaveLength(queries.length);
      await store.append('account-acme+shared', NO_STREAM, eventsFor('shared-look', 1));
      for (const { events } of await Promise.all(following))
        expect(events.map(({ stream }) => stream)).toEqual(['account-acme+shared']);
      expect(asked.filter((name) => name !== 'es.head')).toHaveLength(2 * queries.length);
    });

    it('keeps following through failed reads', async () => {
      const troubles: unknown[] = [];
      const after = await store.head();
      const flaky = postgresEventStore({
        database: failingReads(database, 2),
        onTrouble: (error) => troubles.push(error),
      });
      await store.append('account-acme+flaky', NO_STREAM, eventsFor('flaky', 1));
      for await (const { events } of flaky.follow({ after }, AbortSignal.timeout(20_000))) {
        expect(events.map(({ stream }) => stream)).toEqual(['account-acme+flaky']);
        break;
      }
      expect(troubles).toHaveLength(2);
    });
  });
});

/** The first statement is carried out, but its answer does not arrive. */
function losingTheFirstAnswer(database: Database): Pick<Database, 'kind' | 'query'> {
  let first = true;
  return {
    kind: database.kind,
    query: async (...args) => {
      const answer = await database.query<never>(...args);
      if (!first) return answer;
      first = false;
      throw Object.assign(new Error('Connection terminated unexpectedly'), { code: 'ECONNRESET' });
    },
  };
}

/** Notes the name of each prepared statement that is asked. */
function noting(database: Database, asked: string[]): Pick<Database, 'kind' | 'query'> {
  return {
    kind: database.kind,
    query: (...args) => {
      const [statement] = args;
      asked.push(typeof statement === 'string' ? statement : (statement.name ?? ''));
      return database.query<never>(...args);
    },
  };
}

function failingReads(database: Database, times: number): Pick<Database, 'kind' | 'query'> {
  let left = times;
  return {
    kind: database.kind,
    query: (...args) => (left-- > 0 ? Promise.reject(new Error('connection lost')) : database.query<never>(...args)),
  };
}
