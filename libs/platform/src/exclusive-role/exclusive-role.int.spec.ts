import { databaseMigrations, leases, migrate } from '#libs/database';
import { onEveryDatabase, type TestDatabase } from '#libs/testing';
import { ExclusiveRole, type ExclusiveRoleOptions } from './exclusive-role.js';

// Goal: one plays, the other waits; a failure is no end, and an end is an end.
onEveryDatabase((open) => {
  describe('a role that one process plays at a time', () => {
    let opened: TestDatabase;
    const made: ExclusiveRole[] = [];
    const playing = (role: string, work: ExclusiveRoleOptions['work']) => {
      const player = new ExclusiveRole({ role, leases: leases(opened.database), work });
      made.push(player);
      return player;
    };
    beforeAll(async () => {
      opened = await open();
      await migrate(opened.database, databaseMigrations);
    }, 60_000);
    afterEach(() => Promise.all(made.splice(0).map((role) => role.stop())));
    afterAll(() => opened?.drop());

    const until = (signal: AbortSignal) =>
      new Promise<void>((done) => signal.addEventListener('abort', () => done(), { once: true }));
    const soon = async (condition: () => boolean) => {
      const deadline = Date.now() + 20_000;
      while (!condition()) {
        if (Date.now() > deadline) throw new Error('Not so within 20 seconds.');
        await new Promise((next) => setTimeout(next, 10));
      }
    };

    it('is played by one at a time, and taken over when that one ends', async () => {
      const role = () => playing('taken-over', (_lease, signal) => until(signal));
      const [first, second] = [role(), role()];
      first.start();
      await soon(() => first.holding);
      second.start();
      expect(second.holding).toBe(false);
      await first.stop();
      await soon(() => second.holding);
      expect(first.holding).toBe(false);
      await second.stop();
    }, 60_000);

    it('goes on after a failure', async () => {
      let attempts = 0;
      const role = playing('failing', async (_lease, signal) => {
        attempts += 1;
        if (attempts < 3) throw new Error('for the test');
        await until(signal);
      });
      role.start();
      await soon(() => attempts === 3);
      expect(role.holding).toBe(true);
      await role.stop();
    }, 60_000);

    it('is given back when the work is done', async () => {
      const role = playing('done', async () => undefined);
      role.start();
      await soon(() => !role.holding);
      await role.stop();
      const other = await leases(opened.database).acquire('done');
      expect(other).not.toBeNull();
      await other?.release();
    }, 60_000);
  });
});
