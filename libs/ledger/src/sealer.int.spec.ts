import { type Database, databaseMigrations, LeaseLostError, leases, migrate } from '#libs/database';
import { type EventStore, eventStoreMigrations, NO_STREAM, postgresEventStore } from '#libs/event-store';
import { onEveryDatabase, type TestDatabase } from '#libs/testing';
import { eventFor } from './contract/ledger-events.js';
import { SealedEventMissingError } from './ledger.errors.js';
import { ledgerMigrations } from './ledger.migration.js';
import { readSealedRows } from './sealed-log.queries.js';
import { keepSealing, SEAL_BATCH, type Sealing, sealPending } from './sealer.js';
import { verifySealedLog } from './verify-sealed-log.js';

/** A lease that is held, whoever asks: what is left to protect the log then are its unique keys. */
const unfenced = { guard: async () => {} };

const migrations = [...databaseMigrations, ...eventStoreMigrations, ...ledgerMigrations];

onEveryDatabase((open) => {
  describe('the sealer', () => {
    let test: TestDatabase;
    let database: Database;
    let store: EventStore;
    let sealing: Sealing;
    const clock = { at: '2026-03-02T09:00:01.000Z', now: () => new Date(clock.at) };
    const append = (stream: string, seed = stream) => store.append(stream, NO_STREAM, [eventFor(seed)]);
    const rows = () => readSealedRows(database, -1, 5_000);
    const sealAll = async () => {
      while ((await sealPending(sealing)).count > 0);
    };

    beforeAll(async () => {
      test = await open();
      database = test.database;
      await migrate(database, migrations);
      store = postgresEventStore({ database });
      sealing = { database, store, lease: unfenced, clock };
    }, 60_000);
    afterEach(async () => {
      await sealAll();
      expect(await verifySealedLog({ database, store })).toMatchObject({ problems: 0, pending: 0 });
    });
    afterAll(async () => {
      await store?.close();
      await test?.drop();
    }, 60_000);

    it('has nothing to do on an empty log', async () => {
      expect(await sealPending(sealing)).toEqual({ count: 0, sealedThrough: -1 });
    });

    it('gives positions that are dense over all and per tenant', async () => {
      for (const stream of ['account-acme+a', 'account-other+b', 'account-acme+c']) await append(stream);
      expect(await sealPending(sealing)).toEqual({ count: 3, sealedThrough: 2 });
      expect((await rows()).map(({ position, tenant, tenantPosition }) => [position, tenant, tenantPosition])).toEqual([
        [0, 'acme', 0],
        [1, 'other', 0],
        [2, 'acme', 1],
      ]);
    });

    it('goes on where it stopped', async () => {
      await append('account-other+d');
      expect(await sealPending(sealing)).toEqual({ count: 1, sealedThrough: 3 });
      expect((await rows()).at(-1)).toMatchObject({
        position: 3,
        tenant: 'other',
        tenantPosition: 1,
        storePosition: 3,
      });
    });

    it('lets its time never run backwards', async () => {
      clock.at = '2026-03-02T08:00:00.000Z';
      await append('account-acme+e');
      await sealPending(sealing);
      expect((await rows()).at(-1)?.sealedAt).toBe('2026-03-02T09:00:01.000Z');
      clock.at = '2026-03-02T09:00:02.000Z';
    });

    it('seals in bounded batches', async () => {
      await Promise.all(Array.from({ length: SEAL_BATCH + 20 }, (_, i) => append(`account-acme+many-${i}`)));
      expect((await sealPending(sealing)).count).toBe(SEAL_BATCH);
      expect((await sealPending(sealing)).count).toBe(20);
    });

    it('seals nothing once the role is lost', async () => {
      const lease = await leases(database).acquire('relay');
      if (!lease) throw new Error('The role is free.');
      await append('account-acme+f');
      await sealPending({ ...sealing, lease });
      await append('account-acme+ff');
      const before = await rows();
      await lease.release();
      await leases(database).acquire('relay');
      await expect(sealPending({ ...sealing, lease })).rejects.toThrow(LeaseLostError);
      expect(await rows()).toEqual(before);
    });

    it('seals all of a batch or nothing when it dies in the middle', async () => {
      await append('account-acme+g');
      const before = await rows();
      const dying: Sealing['database'] = {
        query: database.query,
        transaction: (work) =>
          database.transaction(async (client) => {
            await work(client);
            throw new Error('died before the commit');
          }),
      };
      await expect(sealPending({ ...sealing, database: dying })).rejects.toThrow('died before the commit');
      expect(await rows()).toEqual(before);
    });

    it('never lets two sealers both commit, even without the lease', async () => {
      for (let i = 0; i < 5; i += 1) await append(`account-acme+rivals-${i}`);
      const before = (await rows()).length;
      const results = await Promise.allSettled([sealPending(sealing), sealPending(sealing)]);
      const sealed = results.reduce((sum, result) => sum + (result.status === 'fulfilled' ? result.value.count : 0), 0);
      expect(sealed).toBe(5);
      expect((await rows()).length - before).toBe(5);
    });

    it('stops when the store no longer has the event that was sealed last', async () => {
      await append('account-acme+k');
      await sealAll();
      const setBack: Sealing['store'] = {
        readLog: async () => ({ events: [], through: -1 }),
        readStream: async () => [],
        follow: (query, signal) => store.follow(query, signal),
      };
      await expect(sealPending({ ...sealing, store: setBack })).rejects.toThrow(SealedEventMissingError);
      const keeping = keepSealing({ ...sealing, store: setBack }, AbortSignal.timeout(20_000))[Symbol.asyncIterator]();
      await expect(keeping.next()).rejects.toThrow(SealedEventMissingError);
    });

    it('keeps sealing what is appended until it is told to stop', async () => {
      const stop = new AbortController();
      const seen: number[] = [];
      const head = (await rows()).length - 1;
      const running = (async () => {
        for await (const { sealedThrough } of keepSealing(sealing, stop.signal)) {
          seen.push(sealedThrough);
          if (sealedThrough === head + 3) stop.abort();
        }
      })();
      for (const seed of ['h', 'i', 'j']) await append(`account-acme+${seed}`);
      await running;
      expect(seen.at(-1)).toBe(head + 3);
    });

    it.each([
      ['update', "update ledger.sealed_log set tenant = 'x'"],
      ['delete', 'delete from ledger.sealed_log'],
      ['truncate', 'truncate ledger.sealed_log'],
    ])('keeps a log that refuses every %s, also by its owner', async (_, statement) => {
      await expect(database.query(statement)).rejects.toThrow(/never changed/);
    });
  });

  describe('a sealed log that somebody tampered with behind the triggers', () => {
    it('no longer agrees with the store', async () => {
      const { database, drop } = await open();
      await migrate(database, migrations);
      const store = postgresEventStore({ database });
      for (const id of ['a', 'b', 'c']) await store.append(`account-acme+${id}`, NO_STREAM, [eventFor(id)]);
      await sealPending({ database, store, lease: unfenced, clock: { now: () => new Date(0) } });
      const problems = async () => (await verifySealedLog({ database, store })).findings.map(({ problem }) => problem);
      expect(await problems()).toEqual([]);

      await database.query('alter table es.events disable trigger all');
      await database.query('alter table ledger.sealed_log disable trigger all');
      await database.query(
        `update es.events set data = replace(data::text, 'sealed', 'Sealed')::json where position = 1`,
      );
      expect(await problems()).toEqual(['hash-differs']);
      await database.query('delete from ledger.sealed_log where position = 0');
      expect(await problems()).toContain('not-sealed');
      await store.close();
      await drop();
    }, 60_000);
  });
});
