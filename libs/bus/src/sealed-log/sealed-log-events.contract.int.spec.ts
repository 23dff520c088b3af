import { v5 as uuidv5 } from 'uuid';
import { migrate } from '#libs/database';
import { eventStoreMigrations, NO_STREAM, postgresEventStore, type StoredEvent } from '#libs/event-store';
import { system } from '#libs/kernel';
import { lastSealedRow, ledgerMigrations, sealedNudge, sealPending } from '#libs/ledger';
import { type DatabaseUnderTest, onEveryDatabase } from '#libs/testing';
import { reading } from '../contract/reading.js';
import { sealedEventsContract } from '../sealed-events.contract.js';
import { SealedLogBrokenError } from '../sealed-events.errors.js';
import { BEFORE_SEALED, type SealedBatch, type SealedEventsReader } from '../sealed-events.port.js';
import { sealedLogEvents } from './sealed-log-events.js';

const NAMESPACE = '7a1d5b52-0d0e-5c43-8f0a-5f2b9d9f6c11';
const clock = { now: () => new Date('2026-03-02T09:00:01.000Z') };
const lease = { guard: async () => {} };

/** A database with a store, and a way to append and seal events with ids that depend on nothing but their number. */
async function sealedLogIn(open: DatabaseUnderTest['open']) {
  const { database, drop } = await open();
  await migrate(database, [...eventStoreMigrations, ...ledgerMigrations]);
  const store = postgresEventStore({ database });
  let made = 0;
  const seal = async (count: number) => {
    const ids = Array.from({ length: count }, () => uuidv5(`event ${made++}`, NAMESPACE));
    const metadata = { actor: system('spec'), commandId: NAMESPACE, commandDigest: 'd', correlationId: NAMESPACE };
    const stamp = {
      type: 'ProfileUpdated',
      schemaVersion: 1,
      recordedAt: '2026-03-02T09:00:00.000Z',
      data: null,
      metadata,
    };
    await Promise.all(ids.map((id) => store.append(`account-acme+${id}`, NO_STREAM, [{ id, ...stamp }])));
    while ((await sealPending({ database, store, lease, clock })).count > 0);
    return ids;
  };
  const end = async () => {
    await store.close();
    await drop();
  };
  return { database, store, seal, end };
}

onEveryDatabase((open, name) => {
  sealedEventsContract(`sealed log on ${name}`, async () => {
    const { database, store, seal, end } = await sealedLogIn(open);
    return { bus: sealedLogEvents({ database, store }), seal, end };
  });

  describe('tailing the sealed log', () => {
    let log: Awaited<ReturnType<typeof sealedLogIn>>;
    beforeAll(async () => {
      log = await sealedLogIn(open);
      await log.seal(5);
    }, 60_000);
    afterAll(() => log?.end());

    const firstBatch = async (bus: ReturnType<typeof sealedLogEvents>): Promise<SealedBatch | undefined> => {
      const reader = reading(BEFORE_SEALED);
      await reader.readOn(bus, () => true);
      return reader.batches[0];
    };

    it('stands a failed read: it reports it and delivers everything all the same', async () => {
      const { database, store } = log;
      let failures = 2;
      const failing: typeof store.readLog = (query) =>
        failures-- > 0 ? Promise.reject(new Error('connection lost')) : store.readLog(query);
      const troubles: unknown[] = [];
      const bus = sealedLogEvents({
        database,
        store: { readLog: failing },
        onTrouble: (error) => troubles.push(error),
      });
      expect((await firstBatch(bus))?.events).toHaveLength(5);
      expect(troubles).toHaveLength(2);
    });

    it('stops a reader that stands where the log has nothing', async () => {
      const { database, store } = log;
      const reader = reading(15);
      await expect(reader.readOn(sealedLogEvents({ database, store }), () => true)).rejects.toThrow(
        SealedLogBrokenError,
      );
    });

    /** A store that answers something else than what it holds. */
    const answering = (change: (events: readonly StoredEvent[]) => readonly StoredEvent[]) => {
      const { readLog } = log.store;
      const changed: typeof readLog = async (query) => {
        const page = await readLog.call(log.store, query);
        return { ...page, events: change(page.events) };
      };
      return { readLog: changed };
    };
    const without = (position: number) => (events: readonly StoredEvent[]) =>
      events.filter(({ storePosition }) => storePosition !== position);

    it('waits for an event that a lagging node of the store does not show yet, and tells of it once', async () => {
      let answers = 0;
      const lagging = answering((events) => {
        answers += 1;
        if (answers > 4) return events;
        return answers === 1 ? events.slice(0, 2) : [];
      });
      const troubles: unknown[] = [];
      const onTrouble = (error: unknown) => troubles.push(error);
      const reader = reading(BEFORE_SEALED);
      const bus = sealedLogEvents({ database: log.database, store: lagging, onTrouble });
      await reader.readOn(bus, () => reader.reached() === 4);
      expect(reader.events().map(({ position }) => position)).toEqual([0, 1, 2, 3, 4]);
      expect(reader.batches[0]?.events).toHaveLength(2);
      expect(troubles.map(String)).toEqual([expect.stringContaining('position 2')]);
    });

    it('stops when the store has lost an event that was sealed, after it has waited', async () => {
      const bus = sealedLogEvents({ database: log.database, store: answering(without(2)), lostAfterMs: 600 });
      const reader = reading(BEFORE_SEALED);
      const began = performance.now();
      await expect(reader.readOn(bus, () => false)).rejects.toThrow(/does not have the event.*position: 2/);
      expect(performance.now() - began).toBeGreaterThan(600);
      expect(reader.reached()).toBe(1);
    });

    it('stops at once when the store has another event there', async () => {
      const replaced = answering((events) =>
        events.map((event) => (event.storePosition === 2 ? { ...event, id: NAMESPACE } : event)),
      );
      const bus = sealedLogEvents({ database: log.database, store: replaced, lostAfterMs: 60_000 });
      await expect(firstBatch(bus)).rejects.toThrow(SealedLogBrokenError);
    });

    it('delivers large events in smaller batches', async () => {
      const large = 'Ω'.repeat(40_000);
      await log.seal(400);
      const heavy = answering((events) => events.map((event) => ({ ...event, data: { large } })));
      const reader = reading(BEFORE_SEALED);
      await reader.readOn(sealedLogEvents({ database: log.database, store: heavy }), () => reader.reached() === 404);
      expect(reader.events()).toHaveLength(405);
      expect(reader.batches[0]?.events).toHaveLength(250);
    });

    it('looks often where others seal, and seldom where its own process seals and tells of it', async () => {
      const database = { kind: 'postgres' as const, query: log.database.query.bind(log.database) };
      const nudge = sealedNudge(database);
      const waits = jest.spyOn(nudge, 'sleep');
      const byOthers = () => log.seal(1);
      const byItself = async () => {
        await log.seal(1);
        nudge.wake();
      };
      const sealing = [byOthers, byItself, byItself, byOthers, byOthers];
      const longest: number[] = [];
      const take: SealedEventsReader['take'] = async ({ events }) => {
        if (events.length > 0) waits.mockClear();
        else {
          longest.push(Math.max(0, ...waits.mock.calls.map(([, milliseconds]) => milliseconds)));
          await sealing[longest.length - 1]?.();
        }
        return longest.length > sealing.length ? 'stop' : 'go-on';
      };
      const at = (await lastSealedRow(log.database))?.position ?? BEFORE_SEALED;
      const bus = sealedLogEvents({ database, store: log.store });
      await bus.follow({ ...reading(at), take }, AbortSignal.timeout(15_000));
      const afterEach = longest.slice(1); // event, until the tick a second later
      expect(afterEach.map((wait) => wait <= 50)).toEqual([true, false, false, expect.anything(), true]);
    });
  });
});
