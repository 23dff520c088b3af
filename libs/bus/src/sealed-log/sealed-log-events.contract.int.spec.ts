import { v5 as uuidv5 } from 'uuid';
import { migrate } from '#libs/database';
import { eventStoreMigrations, NO_STREAM, postgresEventStore } from '#libs/event-store';
import { system } from '#libs/kernel';
import { ledgerMigrations, sealPending } from '#libs/ledger';
import { type DatabaseUnderTest, onEveryDatabase } from '#libs/testing';
import { sealedEventsContract } from '../sealed-events.contract.js';
import { SealedLogBrokenError } from '../sealed-events.errors.js';
import { BEFORE_SEALED, type SealedBatch } from '../sealed-events.port.js';
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
      for await (const batch of bus.follow({ after: BEFORE_SEALED, signal: AbortSignal.timeout(20_000) })) return batch;
      return undefined;
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

    it('stops when the store has lost an event that was sealed', async () => {
      const { database, store } = log;
      const losing: typeof store.readLog = async (query) => {
        const page = await store.readLog(query);
        return { ...page, events: page.events.filter(({ storePosition }) => storePosition !== 2) };
      };
      await expect(firstBatch(sealedLogEvents({ database, store: { readLog: losing } }))).rejects.toThrow(
        SealedLogBrokenError,
      );
    });
  });
});
