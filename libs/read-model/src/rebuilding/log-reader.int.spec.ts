import { databaseMigrations, leases, migrate } from '#libs/database';
import { type EventStore, eventStoreMigrations, postgresEventStore, type StoredEvent } from '#libs/event-store';
import { copyLog, lastSealedRow, moveToStore } from '#libs/ledger';
import {
  ada,
  assigned,
  bo,
  clearReader,
  historyOf,
  onEveryDatabase,
  provisioned,
  type TestDatabase,
} from '#libs/testing';
import { countDifferences } from './compare-tables.js';
import { readLogStretch } from './log-reader.js';
import { rebuildProjection, verifyProjection } from './rebuild-projection.js';
import { type ProjectedLog, projectedLog } from './rebuilding.fixture.js';

/** The log is read again by its order, wherever the store keeps its events. */

jest.setTimeout(120_000);

const clock = { now: () => new Date('2026-04-01T09:00:00.000Z') };
const history = historyOf(
  provisioned(ada),
  provisioned(bo),
  ...Array.from({ length: 10 }, (_, nth) => assigned(nth % 3 ? ada : bo, `role-${nth}`)),
);
const END = history.length - 1;

type Read = Pick<EventStore, 'readLog' | 'readStream' | 'follow'>;

/** The same store, its events at places that lie apart. */
function farApart(store: EventStore): Read {
  const outside = (place: number) => (place < 0 ? place : 1_000 + place * 11);
  const inside = (place: number) => (place < 1_000 ? -1 : Math.floor((place - 1_000) / 11));
  const moved = (event: StoredEvent) => ({ ...event, storePosition: outside(event.storePosition) });
  return {
    readLog: async (query) => {
      const { events, through } = await store.readLog({ ...query, after: inside(query.after) });
      return { events: events.map(moved), through: outside(through) };
    },
    readStream: async (stream, query) => (await store.readStream(stream, query)).map(moved),
    follow: (query, signal) => store.follow(query, signal), // nobody follows it here
  };
}

onEveryDatabase((open) => {
  let log: ProjectedLog;
  let other: TestDatabase;
  beforeAll(async () => {
    log = await projectedLog(open, clearReader);
    await log.write(history);
    await log.project();
    other = await open();
    await migrate(other.database, [...databaseMigrations, ...eventStoreMigrations]);
  });
  afterAll(async () => {
    await log?.drop();
    await other?.drop();
  });

  /** Ids that parts of three events bring, by position. */
  async function readAgain(store: Pick<Read, 'readLog'>, after: number, categories: readonly string[] | null = null) {
    const found: [number, string][] = [];
    for await (const { events } of readLogStretch(
      { database: log.database, store },
      { after, through: END, limit: 3, categories },
    ))
      found.push(...events.map(({ position, id }) => [position, id] as [number, string]));
    return found;
  }

  const told = history.map(({ id }, position) => [position, id]);
  const ofAccounts = told.filter((_, position) => history[position]?.stream.startsWith('account-'));

  async function expectAll(store: Read): Promise<void> {
    expect(await readAgain(store, -1)).toEqual(told);
    expect(await readAgain(store, 4)).toEqual(told.slice(5));
    expect(await readAgain(store, -1, ['account'])).toEqual(ofAccounts);
  }

  it('is read whole, from anywhere and by category', () => expectAll(log.store));

  it('is read, rebuilt and verified as before once the database works with another store', async () => {
    const kept = postgresEventStore({ database: other.database });
    const stores = [farApart(kept), kept]; // there and back: the second move outdates what the first wrote down
    await copyLog({ from: log.store, to: { store: kept, together: 1 } });
    let from: Read = log.store;
    for (const to of stores) {
      await moveToStore({ database: log.database, leases: leases(log.database), clock, from, to });
      expect((await lastSealedRow(log.database))?.storePosition).toBe(await lastPlace(to));
      await expectAll(to);
      const rebuilding = { ...log.rebuilding('grants'), store: to };
      for (const { differences } of [await verifyProjection(rebuilding), await rebuildProjection(rebuilding)])
        expect(countDifferences(differences)).toBe(0);
      from = to;
    }
    await kept.close();
  });

  it('is not read from a store with another log', async () => {
    const store = { readLog: async () => ({ events: [], through: END + 1 }) };
    await expect(readAgain(store, -1)).rejects.toMatchObject({ code: 'sealed-log-broken' });
  });
});

const lastPlace = async (store: Read) =>
  (await store.readLog({ after: -1, limit: 1_000 })).events.at(-1)?.storePosition;
