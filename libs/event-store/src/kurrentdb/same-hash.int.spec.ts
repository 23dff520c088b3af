import { databaseMigrations, migrate } from '#libs/database';
import { canonicalHash } from '#libs/ledger';
import { databasesUnderTest, startKurrentDbStandIn } from '#libs/testing';
import { BEFORE_FIRST, type EventStore, type EventToAppend, NO_STREAM } from '../event-store.port.js';
import { eventStoreMigrations } from '../postgres/event-store.migration.js';
import { postgresEventStore } from '../postgres/postgres-event-store.js';
import { kurrentDbEventStore } from './kurrentdb-event-store.js';

/** One event with everything that a store might be tempted to write differently, and its hash. */
const EVENT: EventToAppend = {
  id: '6d6c3a52-5f0e-5c1b-8d3e-0b7a3f2b9c11',
  type: 'RolesAssigned',
  schemaVersion: 3,
  recordedAt: '2026-03-02T09:00:00.120Z',
  data: {
    z: [1e21, -0.5, 0.1, null, true],
    a: { '': '\u0000 "\\ 😀', ü: 'Ω' },
    until: '2026-03-02T09:00:00.000+00:00',
    10: 1,
    9: 2,
  },
  metadata: {
    actor: { kind: 'system', id: 'contract' },
    commandId: '0d9f7a3e-8a2c-5b1f-9f6e-7c3d2e1f0a9b',
    commandDigest: 'ab12',
    correlationId: '5c3e2f10-1b2d-5e4f-8a6b-9c8d7e6f5a4b',
    causationId: '7e6f5a4b-1b2d-5e4f-8a6b-5c3e2f109c8d',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  },
};
const STREAM = 'account-acme+ada';
const HASH = 'd8f48382e45ed5455e66eec14a3511effa08d929bbef68bf7224e3775cb265f5';

async function hashIn(store: EventStore): Promise<string> {
  await store.append(STREAM, NO_STREAM, [EVENT]);
  const [fromLog] = (await store.readLog({ after: BEFORE_FIRST })).events;
  const [fromStream] = await store.readStream(STREAM);
  if (!fromLog || !fromStream) throw new Error('The event is not there.');
  expect(JSON.stringify(fromLog.data)).toBe(JSON.stringify(EVENT.data));
  expect(canonicalHash(fromStream)).toEqual(canonicalHash(fromLog));
  return canonicalHash(fromLog).toString('hex');
}

/** What the sealed log says of an event must not depend on where it is kept, nor change when the log is copied to another store. */
describe('an event has the same canonical hash', () => {
  it('on KurrentDB', async () => {
    const server = await startKurrentDbStandIn();
    const store = kurrentDbEventStore({ url: server.url });
    expect(await hashIn(store)).toBe(HASH);
    await store.close();
    await server.stop();
  }, 30_000);

  for (const { name, open, skipped } of databasesUnderTest()) {
    if (skipped) continue;
    it(`on PostgreSQL, ${name}`, async () => {
      const { database, drop } = await open();
      await migrate(database, [...databaseMigrations, ...eventStoreMigrations]);
      const store = postgresEventStore({ database });
      expect(await hashIn(store)).toBe(HASH);
      await store.close();
      await drop();
    }, 60_000);
  }
});
