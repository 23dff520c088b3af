import { v5 as uuidv5 } from 'uuid';
import { type Database, migrate } from '#libs/database';
import { onEveryDatabase, type TestDatabase } from '#libs/testing';
import type { Notice } from './notice.js';
import { NoticeOutbox, RETRY_AFTER_SECONDS } from './notice-outbox.js';
import { noticeMigrations } from './notices.migration.js';

/** Notices on their way. */

const id = (name: string) => uuidv5(name, '6d0b1d4e-3c55-4a58-9c57-0a3c1c1f2b90');
const START = Date.parse('2026-03-02T08:00:00.000Z');
const REVIEW = id('review');

const notice = (name: string, over: Partial<Notice> = {}): Notice => ({
  id: id(name),
  tenant: 'acme',
  kind: 'review-items',
  channel: 'smtp',
  recipient: id(`recipient of ${name}`),
  about: { noun: 'review', id: REVIEW, items: 2 },
  dueAt: '2026-03-09T08:00:00.000Z',
  ...over,
});

onEveryDatabase((open) => {
  describe('the outbox of notices', () => {
    let opened: TestDatabase;
    let database: Database;
    let outbox: NoticeOutbox;
    let now: number;
    beforeAll(async () => {
      opened = await open();
      database = opened.database;
      await migrate(database, noticeMigrations);
      outbox = new NoticeOutbox({ database, clock: { now: () => new Date(now) } });
    }, 60_000);
    beforeEach(async () => {
      now = START;
      await database.query('truncate notices.outbox');
    });
    afterAll(() => opened.drop());

    it('gives back what was put in, and takes the same notice once', async () => {
      await outbox.add([notice('a'), notice('b', { channel: 'webhook', recipient: null, dueAt: null })]);
      await outbox.add([notice('a', { kind: 'review-reminder' })]);
      const due = await outbox.due();
      expect(due.map(({ attempts: _, ...rest }) => rest)).toEqual(
        expect.arrayContaining([notice('a'), notice('b', { channel: 'webhook', recipient: null, dueAt: null })]),
      );
      expect(due).toHaveLength(2);
    });

    it('keeps who was told of what, and forgets what was only tried', async () => {
      await outbox.add([notice('a'), notice('b'), notice('c')]);
      await outbox.sent(notice('a'));
      await outbox.failed(notice('b'), 'no-address');
      expect([...(await outbox.told('acme', REVIEW))]).toEqual([
        [id('recipient of a'), new Map([['review-items', new Date(START).toISOString()]])],
      ]);
      expect(await outbox.told('globex', REVIEW)).toEqual(new Map());
      expect((await outbox.due()).map((queued) => queued.id)).toEqual([id('c')]);
    });

    it('does not unsettle what is settled', async () => {
      await outbox.add([notice('a')]);
      await outbox.sent(notice('a'));
      await outbox.failed(notice('a'), 'refused');
      expect((await outbox.told('acme', REVIEW)).size).toBe(1);
    });

    it('is tried after longer and longer waits, for about a day, then says that there is no next time', async () => {
      await outbox.add([notice('a')]);
      const waits: number[] = [];
      for (;;) {
        const [queued] = await outbox.due();
        if (!queued || !(await outbox.beginTry(queued))) break;
        expect(await outbox.due()).toEqual([]);
        const { rows } = await database.query<{ due_at: Date }>('select due_at from notices.outbox');
        waits.push(((rows[0]?.due_at.getTime() ?? 0) - now) / 1000);
        now = rows[0]?.due_at.getTime() ?? now;
      }
      expect(waits).toEqual([...RETRY_AFTER_SECONDS]);
      expect(now - START).toBeGreaterThan(20 * 3_600_000);
    });

    it('lets a tenant with many leave room for another', async () => {
      await outbox.add(Array.from({ length: 50 }, (_, n) => notice(`n${n}`)));
      now += 1_000;
      await outbox.add([notice('late', { tenant: 'globex' })]);
      const due = await outbox.due();
      expect(due).toHaveLength(21);
      expect(due.at(-1)?.tenant).toBe('globex');
      expect(await outbox.waiting()).toBe(51);
    });
  });
});
