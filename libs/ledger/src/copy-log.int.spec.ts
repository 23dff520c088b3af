/** A log is copied as it was, in its order, goes on where it stopped, and is read again in the end. */
import { type Database, databaseMigrations, migrate } from '#libs/database';
import {
  AppendUnavailableError,
  BEFORE_FIRST,
  type EventStore,
  eventStoreMigrations,
  postgresEventStore,
} from '#libs/event-store';
import { onEveryDatabase, type TestDatabase } from '#libs/testing';
import { eventFor } from './contract/ledger-events.js';
import { sparseStore } from './contract/sparse-store.js';
import { type CopyProgress, copyLog, planCopy } from './copy-log.js';

jest.setTimeout(120_000);

onEveryDatabase((open) => {
  describe('copying a log', () => {
    const opened: TestDatabase[] = [];
    const [used, free]: [TestDatabase[], TestDatabase[]] = [[], []];
    const stores: EventStore[] = [];
    let source: EventStore;
    let database: Database;
    let total = 0;

    const openAnother = async () => {
      const test = await open();
      opened.push(test);
      return test;
    };
    const storeIn = async ({ database }: TestDatabase) => {
      await migrate(database, [...databaseMigrations, ...eventStoreMigrations]);
      return { store: postgresEventStore({ database }), database };
    };
    /** An empty one, for the length of a test: in a database that another test is done with, where there is one. */
    const newStore = async () => {
      const test = free.pop() ?? (await openAnother());
      used.push(test);
      const made = await storeIn(test);
      stores.push(made.store);
      return made;
    };
    afterEach(async () => {
      for (const store of stores.splice(0)) await store.close();
      for (const test of used.splice(0)) {
        await test.database.query('drop schema es cascade; drop schema database cascade');
        free.push(test);
      }
    });
    /** Streams that come back, runs of one stream, and data whose form must not change. */
    const grow = async (store: EventStore, count: number) => {
      const revisions = new Map<string, number>();
      for (let i = 0; i < count; ) {
        const stream = `account-acme+${(total * 7) % 40}`;
        const run = (total % 3) + 1;
        const last = revisions.get(stream) ?? (await store.readStream(stream)).length - 1;
        const events = Array.from({ length: run }, () => {
          total += 1;
          const data = { z: 1e21, a: [0.1, 'Ω 😀 \u0000', { '2': null, '1': '' }], n: total };
          return {
            ...eventFor(`event ${total}`),
            recordedAt: `2026-03-02T09:00:00.${String(i % 1000).padStart(3, '0')}Z`,
            data,
          };
        });
        await store.append(stream, last, events);
        revisions.set(stream, last + run);
        i += run;
      }
      return (await store.readLog({ after: BEFORE_FIRST, limit: 5_000 })).events.length;
    };
    const textOf = async (of: Database) =>
      (
        await of.query(
          `select position, stream, revision, event_id, type, schema_version, recorded_at, data::text, metadata::text
           from es.events order by position`,
        )
      ).rows;

    beforeAll(async () => {
      ({ store: source, database } = await storeIn(await openAnother()));
      await grow(source, 700);
    });
    afterAll(async () => {
      await source.close();
      for (const test of opened) await test.drop();
    });

    it.each([1, 256])('keeps every event as it was, byte for byte, %i appends at a time', async (together) => {
      const target = await newStore();
      const report = await copyLog({ from: source, to: { store: target.store, together } });
      const texts = await textOf(target.database);
      expect(texts).toEqual(await textOf(database));
      expect(report).toEqual({
        found: 0,
        copied: texts.length,
        source: { events: texts.length, digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
        target: report.source,
        moving: false,
      });
    });

    it('goes on after a stop, tells how far it is, and does nothing when everything is there', async () => {
      const target = (await newStore()).store;
      const stop = new AbortController();
      let appends = 0;
      const stopping: EventStore['append'] = (...append) => {
        if (++appends === 150) stop.abort();
        return target.append(...append);
      };
      const onto = { store: { append: stopping, readLog: target.readLog.bind(target) }, together: 1 };
      await expect(copyLog({ from: source, to: onto, signal: stop.signal })).rejects.toMatchObject({
        code: 'copy-stopped',
        message: expect.stringContaining('goes on there'),
      });
      const all = (await source.head()) + 1;
      const found = (await target.head()) + 1;
      expect(found).toBeLessThan(all);
      expect(await planCopy({ from: source, to: { store: target, together: 1 } })).toEqual({
        found,
        missing: all - found,
      });
      const told: CopyProgress[] = [];
      const onProgress = (progress: CopyProgress) => void told.push(progress);
      const report = await copyLog({ from: source, to: { store: target, together: 64 }, onProgress });
      expect(report).toMatchObject({ found, copied: all - found, target: { events: all } });
      expect(told).toContainEqual({ phase: 'copying', events: all, of: all });
      const again = await copyLog({ from: source, to: { store: target, together: 64 } });
      expect(again).toEqual({ ...report, found: all, copied: 0 });
    });

    it('has the same digest from and to a store with other positions', async () => {
      const [between, back] = [sparseStore((await newStore()).store), (await newStore()).store];
      const there = await copyLog({ from: source, to: { store: between, together: 1 } });
      const andBack = await copyLog({ from: between, to: { store: back, together: 256 } });
      expect(andBack.target).toEqual(there.source);
    });

    it('refuses a target that holds another log, or more, and writes nothing', async () => {
      const target = (await newStore()).store;
      await target.append('account-acme+foreign', -1, [eventFor('foreign')]);
      const copying = copyLog({ from: source, to: { store: target, together: 1 } });
      await expect(copying).rejects.toMatchObject({ code: 'copy-target-differs' });
      expect(await target.head()).toBe(0);
      const shorter = (await newStore()).store;
      const backwards = copyLog({ from: shorter, to: { store: target, together: 1 } });
      await expect(backwards).rejects.toMatchObject({ code: 'copy-target-differs' });
    });

    it('repeats an append that was not answered, and nothing is there twice', async () => {
      const target = (await newStore()).store;
      let call = 0;
      const unsure: EventStore['append'] = async (...append) => {
        call += 1;
        if (call === 3) throw new AppendUnavailableError(new Error('lost on the way'));
        const appended = await target.append(...append);
        if (call === 5) throw new AppendUnavailableError(new Error('the answer was lost'));
        return appended;
      };
      const onto = { store: { append: unsure, readLog: target.readLog.bind(target) }, together: 1 };
      const report = await copyLog({ from: source, to: onto });
      expect(report.copied).toBe((await source.head()) + 1);
    });

    it('outlasts a read that fails', async () => {
      let reads = 0;
      const failing: EventStore['readLog'] = (query) =>
        ++reads === 1 ? Promise.reject(new Error('connection lost')) : source.readLog(query);
      const target = (await newStore()).store;
      const from = { head: () => source.head(), readLog: failing };
      const report = await copyLog({ from, to: { store: target, together: 64 } });
      expect(report.copied).toBe((await source.head()) + 1);
    });

    it('finds a target that swallowed an event, or changed one', async () => {
      const target = (await newStore()).store;
      let call = 0;
      const changing: EventStore['append'] = (stream, expected, events) =>
        target.append(stream, expected, ++call === 9 ? events.map((e) => ({ ...e, data: null })) : events);
      const onto = { store: { append: changing, readLog: target.readLog.bind(target) }, together: 1 };
      await expect(copyLog({ from: source, to: onto })).rejects.toMatchObject({ code: 'copy-incomplete' });
    });

    it('says that a source is still written to, and is true up to where it came', async () => {
      const target = (await newStore()).store;
      let reads = 0;
      const moving = {
        head: () => source.head(),
        readLog: async (query: Parameters<EventStore['readLog']>[0]) => {
          if (++reads < 30) await grow(source, 1);
          return source.readLog(query);
        },
      };
      const report = await copyLog({ from: moving, to: { store: target, together: 64 } });
      expect(report.moving).toBe(true);
      expect((await target.head()) + 1).toBe(report.target.events);
      const rest = await copyLog({ from: source, to: { store: target, together: 64 } });
      expect(rest).toMatchObject({ found: report.target.events, moving: false });
    });
  });
});
