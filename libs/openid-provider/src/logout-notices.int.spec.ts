import { v5 as uuidv5 } from 'uuid';
import { type Database, migrate } from '#libs/database';
import { identityMigrations } from '#libs/identity';
import { onEveryDatabase, type TestDatabase } from '#libs/testing';
import { type LogoutNotice, type LogoutNotices, logoutNotices } from './logout-notices.js';
import { openidProviderMigrations } from './openid-provider.migrations.js';

const id = (name: string) => uuidv5(name, '1f0f8f53-70a3-4f4d-8f35-0a5f5f9a4a3e');
const START = Date.parse('2026-03-01T12:00:00.000Z');
const notice = (name: string): LogoutNotice => ({ id: id(name), client: 'crm', account: id('ada'), sid: name });

onEveryDatabase((open) => {
  describe('notices of sign-out', () => {
    let opened: TestDatabase;
    let database: Database;
    let notices: LogoutNotices;
    let now: number;
    beforeAll(async () => {
      opened = await open();
      database = opened.database;
      await migrate(database, [...identityMigrations, ...openidProviderMigrations]);
      notices = logoutNotices({ database, clock: { now: () => new Date(now) } });
    }, 60_000);
    beforeEach(async () => {
      now = START;
      await database.query('truncate openid_provider.logout_notices');
    });
    afterAll(() => opened.drop());

    it('are delivered once, however often they are added', async () => {
      const told: string[] = [];
      await notices.add([notice('a'), notice('b')]);
      await notices.add([notice('a')]);
      await notices.deliver(
        async ({ sid }) => void told.push(String(sid)),
        () => undefined,
      );
      expect([told.sort(), await notices.areDue()]).toEqual([['a', 'b'], false]);
    });

    it('are tried again after longer and longer waits, then given up aloud', async () => {
      await notices.add([notice('a')]);
      const gaveUp: LogoutNotice[] = [];
      const tries: number[] = [];
      for (const end = START + 2 * 3_600_000; now < end; now += 1_000) {
        if (!(await notices.areDue())) continue;
        tries.push((now - START) / 1_000);
        await notices.deliver(
          () => Promise.reject(new Error('down')),
          (given) => gaveUp.push(given),
        );
        const { rows } = await database.query<{ due: Date | null }>(
          'select min(due_at) as due from openid_provider.logout_notices',
        );
        if (rows[0]?.due) now = rows[0].due.getTime() - 1_000; // nothing happens in between
      }
      expect(tries).toEqual([0, 1, 6, 36, 156, 756, 4_356]);
      expect(gaveUp).toEqual([notice('a')]);
    });

    it('of one client that is down do not keep others waiting', async () => {
      await notices.add([notice('down'), notice('up')]);
      const told: string[] = [];
      await notices.deliver(
        async ({ sid }) => {
          if (sid === 'down') throw new Error('down');
          told.push(String(sid));
        },
        () => undefined,
      );
      expect(told).toEqual(['up']);
    });

    it('of one client that has many do not crowd out those of others, and are all delivered in turn', async () => {
      const many = Array.from({ length: 25 }, (_, n) => notice(`n${n}`));
      await notices.add(many);
      now += 1;
      await notices.add([{ ...notice('other'), client: 'wiki' }]);
      const rounds: string[] = [];
      while (await notices.areDue()) {
        const told: string[] = [];
        await notices.deliver(
          async ({ client }) => void told.push(client),
          () => undefined,
        );
        rounds.push(told.sort().join(' '));
      }
      expect(rounds).toEqual(['crm crm crm wiki', ...Array(7).fill('crm crm crm'), 'crm']);
    });
  });
});
