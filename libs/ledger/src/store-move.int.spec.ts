/** A database goes on with another store that holds the same log: nothing sealed changes, no reader repeats or skips an event. */
import { type Database, databaseMigrations, leases, migrate } from '#libs/database';
import { type EventStore, eventStoreMigrations, NO_STREAM, postgresEventStore } from '#libs/event-store';
import { onEveryDatabase, type TestDatabase } from '#libs/testing';
import { eventFor } from './contract/ledger-events.js';
import { sparseStore } from './contract/sparse-store.js';
import { copyLog } from './copy-log.js';
import { ledgerMigrations } from './ledger.migration.js';
import { readSealedRows } from './sealed-log.queries.js';
import { sealPending } from './sealer.js';
import { moveToStore } from './store-move.js';
import { verifySealedLog } from './verify-sealed-log.js';

jest.setTimeout(120_000);

const clock = { now: () => new Date('2026-03-02T09:00:01.000Z') };
const lease = { guard: async () => {} };

onEveryDatabase((open) => {
  describe('moving to another store', () => {
    const opened: TestDatabase[] = [];
    let database: Database;
    let own: EventStore;
    let elsewhere: EventStore;
    let made = 0;

    const newStore = async (kept?: Database) => {
      const on = kept ?? (opened[opened.push(await open()) - 1] as TestDatabase).database;
      await migrate(on, [...databaseMigrations, ...eventStoreMigrations, ...(kept ? ledgerMigrations : [])]);
      return postgresEventStore({ database: on });
    };
    const grow = async (store: EventStore, count: number) => {
      for (let i = 0; i < count; i += 1)
        await store.append(`account-acme+${++made}`, NO_STREAM, [eventFor(`event ${made}`)]);
    };
    const seal = async (store: EventStore) => {
      while ((await sealPending({ database, store, lease, clock })).count > 0);
    };
    const copy = (from: EventStore, to: EventStore) => copyLog({ from, to: { store: to, together: 1 } });
    const move = (from: EventStore, to: EventStore, change = {}) =>
      moveToStore({ database, leases: leases(database), clock, from, to, ...change });
    const places = async () =>
      (await database.query<{ reader: string; store_position: number }>('select * from reader.checkpoints order by 1'))
        .rows;
    /** Reads on from the checkpoint, as every follower of a store does, and says what it saw. */
    const readOn = async (store: EventStore, reader: string, limit = 1_000) => {
      const at = (await places()).find((row) => row.reader === reader)?.store_position ?? -1;
      const { events, through } = await store.readLog({ after: at, limit });
      await database.query('update reader.checkpoints set store_position = $2 where reader = $1', [reader, through]);
      return events.map(({ stream }) => Number(stream.split('+')[1]));
    };
    const verified = async (store: EventStore, sealed: number) =>
      expect(await verifySealedLog({ database, store })).toMatchObject({ sealed, problems: 0, pending: 0 });

    beforeAll(async () => {
      opened.push(await open());
      database = (opened[0] as TestDatabase).database;
      own = await newStore(database);
      await database.query(`create schema reader; create table reader.checkpoints(reader text, store_position bigint);
        insert into reader.checkpoints values ('ahead', -1), ('behind', -1), ('never', -1)`);
      elsewhere = sparseStore(await newStore());
    });
    afterAll(async () => {
      for (const test of opened) await test.drop();
    });

    it('lets readers go on exactly where they were', async () => {
      await grow(own, 30);
      await seal(own);
      await readOn(own, 'ahead');
      await readOn(own, 'behind', 11);
      await grow(own, 2); // not sealed yet: the move does it
      await copy(own, elsewhere);
      expect(await move(own, elsewhere)).toEqual({ events: 32, tables: ['reader.checkpoints'] });
      await verified(elsewhere, 32);
      await grow(elsewhere, 3);
      await seal(elsewhere);
      await verified(elsewhere, 35);
      expect(await readOn(elsewhere, 'ahead')).toEqual([31, 32, 33, 34, 35]);
      expect((await readOn(elsewhere, 'behind'))[0]).toBe(12);
      expect(await places()).toContainEqual({ reader: 'never', store_position: -1 });
    });

    it('no longer works with the store that it left', async () => {
      await expect(seal(own)).rejects.toMatchObject({ code: 'sealed-event-missing' });
    });

    it('changes no row of the sealed log', async () => {
      const { rows } = await database.query<{ position: number; store_position: number }>(
        'select position, store_position from ledger.sealed_log where position <= 31 order by 1',
      );
      expect(rows.every(({ position, store_position }) => position === store_position)).toBe(true);
      expect((await readSealedRows(database, 30, 1))[0]).toMatchObject({ position: 31, storePosition: 500 + 31 * 37 });
    });

    it('refuses a store that lacks something, holds more, or holds another log, and changes nothing', async () => {
      const before = [await places(), await readSealedRows(database, -1, 5_000)];
      await expect(move(elsewhere, own)).rejects.toMatchObject({ code: 'store-not-copied' });
      const more = await newStore();
      await copy(elsewhere, more);
      await more.append('account-acme+more', NO_STREAM, [eventFor('more')]);
      await expect(move(elsewhere, more)).rejects.toMatchObject({ code: 'store-not-copied' });
      const other: EventStore = {
        ...elsewhere,
        readLog: async (query) => {
          const { events, through } = await elsewhere.readLog(query);
          return { events: events.map((event) => ({ ...event, data: null })), through };
        },
      };
      await expect(move(elsewhere, other)).rejects.toMatchObject({ code: 'store-not-copied' });
      expect([await places(), await readSealedRows(database, -1, 5_000)]).toEqual(before);
    });

    it.each(['relay', 'projector'])('is refused while somebody plays the role %s', async (role) => {
      const held = await leases(database).acquire(role);
      await expect(move(elsewhere, own)).rejects.toMatchObject({ code: 'installation-running' });
      await held?.release();
    });

    it('is refused when a reader goes on meanwhile', async () => {
      const third = await newStore();
      await copy(elsewhere, third);
      const onProgress = () => void database.query(`insert into reader.checkpoints values ('late', 99)`);
      const running = move(elsewhere, third, { onProgress });
      await expect(running).rejects.toMatchObject({ code: 'installation-running' });
      await database.query(`delete from reader.checkpoints where reader = 'late'`);
      await verified(elsewhere, 35);
    });

    it('begins anew after it was interrupted, and goes back to the first store', async () => {
      await copy(elsewhere, own);
      const before = await places();
      const stop = new AbortController();
      const dying = {
        ...database,
        transaction: async <T>(work: Parameters<typeof database.transaction<T>>[0]) => {
          const done = await database.transaction(work);
          stop.abort(new Error('died after the first portion'));
          return done;
        },
      };
      await expect(move(elsewhere, own, { database: dying, signal: stop.signal })).rejects.toThrow('died after');
      expect(await places()).toEqual(before);
      await verified(elsewhere, 35);
      await move(elsewhere, own);
      await verified(own, 35);
      await grow(own, 1);
      await seal(own);
      await verified(own, 36);
      expect(await readOn(own, 'ahead')).toEqual([36]);
      const left = await database.query('select distinct move from ledger.moved_positions');
      expect(left.rows).toEqual([{ move: 2 }]);
    });
  });
});
