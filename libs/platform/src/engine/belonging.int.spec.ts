/** Database, keyring and event store are of one installation, or nothing starts. */
import { type Database, databaseMigrations, migrate } from '#libs/database';
import {
  BEFORE_FIRST,
  type EventStore,
  eventStoreMigrations,
  NO_STREAM,
  postgresEventStore,
  type StoredEvent,
} from '#libs/event-store';
import { ledgerMigrations, readBelonging, sealPending } from '#libs/ledger';
import { arrayEventStore, clearCodec, onEveryDatabase, type TestDatabase } from '#libs/testing';
import { ephemeralKeyring, vaultMigrations } from '#libs/vault';
import { joinInstallation } from './belonging.js';
import { appendFirst, installationOf } from './first-event.js';

jest.setTimeout(60_000);

const clock = { now: () => new Date('2026-03-01T12:00:00.000Z') };
const migrations = [...databaseMigrations, ...eventStoreMigrations, ...ledgerMigrations, ...vaultMigrations];
const keyring = ephemeralKeyring();
const typesIn = async (store: EventStore) =>
  (await store.readLog({ after: BEFORE_FIRST })).events.map(({ type, revision }) => `${type} ${revision}`);

/** A log that has begun, as its events. */
async function beginning(keys = keyring): Promise<StoredEvent[]> {
  const store = arrayEventStore();
  await appendFirst({ store, codec: clearCodec, clock }, keys, installationOf(keys));
  return [...store.log];
}

onEveryDatabase((open) => {
  describe('starting', () => {
    const opened: TestDatabase[] = [];
    const newDatabase = async () => {
      const test = await open();
      opened.push(test);
      await migrate(test.database, migrations);
      return test.database;
    };
    const partsOf = (database: Database, store?: EventStore, keys = keyring) => {
      const path = { store: store ?? postgresEventStore({ database }), codec: clearCodec, clock };
      return { path, keyring: keys, database, external: store !== undefined };
    };
    afterEach(async () => {
      for (const test of opened.splice(0)) await test.drop();
    });

    it('begins the log and binds the database, once, however many processes start and however often', async () => {
      const parts = partsOf(await newDatabase());
      const installations = await Promise.all(Array.from({ length: 6 }, () => joinInstallation(parts)));
      installations.push(await joinInstallation(parts));
      expect(new Set(installations)).toEqual(new Set([installationOf(keyring)]));
      expect(await typesIn(parts.path.store)).toEqual(['InstallationCreated 0']);
      expect(await readBelonging(parts.database)).toMatchObject({ installation: installations[0], logBegun: true });
    });

    it('goes on where a process died between binding the database and beginning the log', async () => {
      const parts = partsOf(await newDatabase());
      await parts.database.query('update ledger.belonging set installation = $1', [installationOf(keyring)]);
      await joinInstallation(parts);
      expect(await typesIn(parts.path.store)).toEqual(['InstallationCreated 0']);
    });

    it('takes a database from before this was written down as what it is', async () => {
      const { database } = await open().then((test) => opened[opened.push(test) - 1] as TestDatabase);
      const before = migrations.filter(({ name }) => name !== '0201-ledger-belonging');
      await migrate(database, before);
      const parts = partsOf(database);
      const [first] = await beginning();
      const { stream, revision: _revision, storePosition: _place, ...event } = first as StoredEvent;
      await parts.path.store.append(stream, NO_STREAM, [event]);
      await migrate(database, migrations);
      expect(await joinInstallation(parts)).toBe(installationOf(keyring));
      expect((await readBelonging(database)).logBegun).toBe(true);
    });

    it('refuses a mere copy of the log, which is without keys', async () => {
      const { database } = await open().then((test) => opened[opened.push(test) - 1] as TestDatabase);
      await migrate(database, [...databaseMigrations, ...eventStoreMigrations]);
      const parts = partsOf(database);
      const [first] = await beginning();
      const { stream, revision: _revision, storePosition: _place, ...event } = first as StoredEvent;
      await parts.path.store.append(stream, NO_STREAM, [event]);
      await migrate(database, migrations);
      await expect(joinInstallation(parts)).rejects.toMatchObject({ message: expect.stringContaining('a new one') });
    });

    it('refuses a store that was set back behind the sealed log', async () => {
      const store = arrayEventStore();
      const parts = partsOf(await newDatabase(), store);
      await joinInstallation(parts);
      await sealPending({ database: parts.database, store, clock, lease: { guard: async () => {} } });
      const older = partsOf(parts.database, arrayEventStore(store.log.slice(0, 1)));
      await expect(joinInstallation(older)).rejects.toMatchObject({ code: 'sealed-event-missing' });
    });

    describe('beside an event store of its own', () => {
      let databases: Database[];
      beforeAll(async () => {
        databases = [await migrated(), await migrated()];
      });
      /** As new: the database makes another id of its own. */
      beforeEach(async () => {
        for (const database of databases)
          await database.query('delete from ledger.belonging; insert into ledger.belonging default values');
      });
      afterAll(async () => {
        for (const test of lasting) await test.drop();
      });
      const lasting: TestDatabase[] = [];
      const migrated = async () => {
        const test = await open();
        lasting.push(test);
        await migrate(test.database, migrations);
        return test.database;
      };
      const newDatabase = (number = 0) => databases[number] as Database;

      it('joins the store with the database, once, however many processes start', async () => {
        const parts = partsOf(newDatabase(), arrayEventStore());
        await Promise.all(Array.from({ length: 6 }, () => joinInstallation(parts)));
        await joinInstallation(parts);
        expect(await typesIn(parts.path.store)).toEqual(['InstallationCreated 0', 'DatabaseAttached 1']);
      });

      it('refuses a new database: its keys are lost, and nothing is written', async () => {
        const store = arrayEventStore(await beginning());
        const parts = partsOf(newDatabase(), store);
        await expect(joinInstallation(parts)).rejects.toMatchObject({
          code: 'installation-mismatch',
          message: expect.stringContaining('Restore the database from its backup'),
        });
        expect(store.log).toHaveLength(1);
        expect((await readBelonging(parts.database)).installation).toBeNull();
      });

      it('refuses an empty store once the log has begun: no second log', async () => {
        const database = newDatabase();
        await joinInstallation(partsOf(database, arrayEventStore()));
        const empty = arrayEventStore();
        await expect(joinInstallation(partsOf(database, empty))).rejects.toMatchObject({
          code: 'installation-mismatch',
          message: expect.stringContaining('No second log is begun'),
        });
        expect(empty.log).toEqual([]);
      });

      it('refuses the log of another installation, and names both', async () => {
        const database = newDatabase();
        await joinInstallation(partsOf(database, arrayEventStore()));
        const others = ephemeralKeyring();
        const foreign = arrayEventStore(await beginning(others));
        const { message } = await joinInstallation(partsOf(database, foreign)).catch((error) => error);
        expect(message).toContain(installationOf(keyring));
        expect(message).toContain(installationOf(others));
      });

      it('refuses a log of other software', async () => {
        const [first] = await beginning();
        const foreign = arrayEventStore([{ ...(first as StoredEvent), type: 'Foreign' }]);
        await expect(joinInstallation(partsOf(newDatabase(), foreign))).rejects.toMatchObject({
          code: 'installation-mismatch',
          message: expect.stringContaining('other software'),
        });
      });

      it('lets one of two databases have the store, also when both begin at once', async () => {
        const store = arrayEventStore();
        const [one, other] = [partsOf(newDatabase(0), store), partsOf(newDatabase(1), store)];
        const results = await Promise.allSettled([joinInstallation(one), joinInstallation(other)]);
        expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
        const again = await Promise.allSettled([joinInstallation(one), joinInstallation(other)]);
        expect(again.map(({ status }) => status)).toEqual(results.map(({ status }) => status));
        const refused = again.find((result) => result.status === 'rejected');
        expect(refused?.reason).toMatchObject({
          code: 'installation-mismatch',
          message: expect.stringContaining('another database'),
        });
      });
    });
  });
});
