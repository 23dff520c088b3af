import { Test } from '@nestjs/testing';
import { databaseMigrations, leases, migrate } from '#libs/database';
import {
  type EventStore,
  type EventToAppend,
  eventStoreMigrations,
  NO_STREAM,
  postgresEventStore,
} from '#libs/event-store';
import { system } from '#libs/kernel';
import { ledgerMigrations, readSealedRows, verifySealedLog } from '#libs/ledger';
import { CLOCK, DATABASE, EVENT_STORE, LEASES } from '#libs/platform';
import { onEveryDatabase, type TestDatabase } from '#libs/testing';
import { RelayModule } from './relay.module.js';
import { RELAY_ROLE, RelayProcess } from './relay.process.js';

const PATIENCE_MS = 20_000;
const clock = { now: () => new Date('2026-03-02T09:00:01.000Z') };

function eventNumber(index: number): EventToAppend {
  const id = `00000000-0000-5000-8000-${String(index).padStart(12, '0')}`;
  const metadata = { actor: system('spec'), commandId: id, commandDigest: 'd', correlationId: id };
  return { id, type: 'ProfileUpdated', schemaVersion: 1, recordedAt: '2026-03-02T09:00:00.000Z', data: null, metadata };
}

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > until) throw new Error('It did not happen in time.');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

onEveryDatabase((open) => {
  describe('the relay', () => {
    let test: TestDatabase;
    let store: EventStore;
    let count = 0;
    beforeAll(async () => {
      test = await open();
      await migrate(test.database, [...databaseMigrations, ...eventStoreMigrations, ...ledgerMigrations]);
      store = postgresEventStore({ database: test.database });
    }, 60_000);
    afterAll(async () => {
      await store?.close();
      await test?.drop();
    }, 60_000);

    const append = async () => {
      const event = eventNumber(count++);
      await store.append(`account-acme+${event.id}`, NO_STREAM, [event]);
    };
    const sealed = async () => (await readSealedRows(test.database, -1, 5_000)).length;
    const start = async () => {
      const { database } = test;
      const relay = await Test.createTestingModule({
        imports: [RelayModule, { module: class Engine {}, global: true, ...engine() }],
      }).compile();
      await relay.init();
      return { relay, process: relay.get(RelayProcess) };

      function engine() {
        const providers = [
          { provide: DATABASE, useValue: database },
          { provide: EVENT_STORE, useValue: store },
          { provide: CLOCK, useValue: clock },
          { provide: LEASES, useValue: leases(database) },
        ];
        return { providers, exports: providers };
      }
    };

    it('seals what it finds and then whatever is appended, until it is closed', async () => {
      await append();
      const { relay, process } = await start();
      await eventually(async () => (await sealed()) === 1);
      expect(process.holdsRole).toBe(true);
      for (let i = 0; i < 3; i += 1) await append();
      await eventually(async () => (await sealed()) === 4);
      await relay.close();
      await append();
      expect([await sealed(), process.holdsRole]).toEqual([4, false]);
    }, 60_000);

    it('takes over from another relay, and the log stays whole', async () => {
      const first = await start();
      await eventually(async () => first.process.holdsRole);
      const second = await start();
      await append();
      await eventually(async () => (await sealed()) === count);
      expect([first.process.holdsRole, second.process.holdsRole]).toEqual([true, false]);

      await first.relay.close();
      await append();
      await eventually(async () => (await sealed()) === count);
      expect(second.process.holdsRole).toBe(true);
      await second.relay.close();
      expect(await verifySealedLog({ database: test.database, store })).toMatchObject({ sealed: count, problems: 0 });
    }, 60_000);

    it('is not ready while it cannot seal, and is again once it can', async () => {
      const { relay, process } = await start();
      await eventually(async () => (await process.ready()).ready);
      await relay.close();

      const { readStream } = store;
      store.readStream = async () => []; // as a store that was set back
      const second = await start();
      await eventually(async () => (await second.process.ready()).detail?.includes('Restore the store') ?? false);
      expect((await second.process.ready()).ready).toBe(false);

      store.readStream = readStream;
      await eventually(async () => (await second.process.ready()).ready);
      await second.relay.close();
    }, 60_000);

    it('frees the role when it is closed', async () => {
      const lease = await leases(test.database).acquire(RELAY_ROLE);
      expect(lease).not.toBeNull();
      await lease?.release();
    });
  });
});
