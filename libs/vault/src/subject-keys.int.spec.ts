import { type Database, migrate } from '#libs/database';
import { onEveryDatabase, type TestDatabase } from '#libs/testing';
import { ephemeralKeyring } from './keyring.js';
import { KEY_CACHE_TTL_MS, type SubjectKeys, subjectKeys } from './subject-keys.js';
import { SubjectErasedError, UnwrapError } from './vault.errors.js';
import { vaultMigrations } from './vault.migrations.js';

const ada = { tenant: 'acme', subject: 'ada' };
const adaElsewhere = { tenant: 'globex', subject: 'ada' };
const keyring = ephemeralKeyring();

onEveryDatabase((open) => {
  describe('subject keys', () => {
    let opened: TestDatabase;
    let database: Database;
    let now: number;
    const process = (): SubjectKeys => subjectKeys({ database, keyring, clock: { now: () => new Date(now) } });

    beforeAll(async () => {
      opened = await open();
      database = opened.database;
      await migrate(database, vaultMigrations);
    }, 60_000);
    beforeEach(async () => {
      now = Date.parse('2026-03-01T12:00:00.000Z');
      await database.query('truncate vault.subject_keys');
    });
    afterAll(() => opened.drop());

    it('are made once per subject and tenant, and read back by every process', async () => {
      const written = await process().forWriting([ada, adaElsewhere, ada]);
      const read = await process().forReading([ada, adaElsewhere]);
      expect(written.get(ada)).toHaveLength(32);
      expect(read.get(ada)).toEqual(written.get(ada));
      expect(read.get(adaElsewhere)).toEqual(written.get(adaElsewhere));
      expect(read.get(ada)).not.toEqual(read.get(adaElsewhere));
    });

    it('are the same for 32 processes that make them at once, in any order', async () => {
      const refs = Array.from({ length: 20 }, (_, n) => ({ tenant: 'acme', subject: `s${n}` }));
      const orders = Array.from({ length: 32 }, (_, n) => [...refs.slice(n % 20), ...refs.slice(0, n % 20)]);
      const all = await Promise.all(orders.map((order) => process().forWriting(order)));
      for (const ref of refs) expect(new Set(all.map((keys) => keys.get(ref)?.toString('hex'))).size).toBe(1);
    });

    it('are missing for a subject that never had one, and reading makes none', async () => {
      expect((await process().forReading([ada])).get(ada)).toBeUndefined();
      expect((await database.query('select from vault.subject_keys')).rowCount).toBe(0);
    });

    it('take one statement for a whole batch and none when all are in memory', async () => {
      const keys = process();
      const statements = jest.spyOn(database, 'query');
      await keys.forWriting([ada, adaElsewhere]);
      expect(statements).toHaveBeenCalledTimes(1);
      await keys.forReading([ada, adaElsewhere]);
      await keys.forWriting([ada]);
      expect(statements).toHaveBeenCalledTimes(1);
      statements.mockRestore();
    });

    it('are gone at once here, and elsewhere within a minute, when their subject is erased', async () => {
      const [here, elsewhere] = [process(), process()];
      await here.forWriting([ada]);
      await elsewhere.forReading([ada]);
      await here.erase(ada);
      expect((await here.forReading([ada])).get(ada)).toBeUndefined();
      expect((await elsewhere.forReading([ada])).get(ada)).toBeDefined();
      now += KEY_CACHE_TTL_MS + 1;
      expect((await elsewhere.forReading([ada])).get(ada)).toBeUndefined();
    });

    it('are never made anew for an erased subject, also one that never had a key', async () => {
      await process().forWriting([ada]);
      await process().erase(ada);
      await process().erase(ada);
      await process().erase(adaElsewhere);
      await expect(process().forWriting([ada])).rejects.toThrow(SubjectErasedError);
      await expect(process().forWriting([adaElsewhere])).rejects.toThrow(SubjectErasedError);
      const { rows } = await database.query('select wrapped from vault.subject_keys');
      expect(rows).toEqual([{ wrapped: null }, { wrapped: null }]);
    });

    it('stay dead when a writer races with the erasure', async () => {
      for (let round = 0; round < 10; round++) {
        const ref = { tenant: 'acme', subject: `racer${round}` };
        const writers = Array.from({ length: 4 }, () => process().forWriting([ref]).catch(ignoreErased));
        await Promise.all([...writers, process().erase(ref)]);
        expect((await process().forReading([ref])).get(ref)).toBeUndefined();
        await expect(process().forWriting([ref])).rejects.toThrow(SubjectErasedError);
      }
    });

    it('of days are destroyed before a date, in one tenant, and nothing else is', async () => {
      const days = ['day:2025-11-30', 'day:2025-12-01', 'day:2026-03-01'].map((subject) => ({
        tenant: 'acme',
        subject,
      }));
      const dayElsewhere = { tenant: 'globex', subject: 'day:2025-11-30' };
      const keys = process();
      await keys.forWriting([...days, dayElsewhere, ada]);
      expect(await keys.destroyDayKeysBefore('acme', '2025-12-01')).toBe(1);
      const left = await process().forReading([...days, dayElsewhere, ada]);
      expect(days.map((day) => left.get(day) !== undefined)).toEqual([false, true, true]);
      expect(left.get(dayElsewhere)).toBeDefined();
      expect(left.get(ada)).toBeDefined();
      await expect(keys.destroyDayKeysBefore('acme', 'z')).rejects.toThrow(TypeError);
    });

    it('open for nobody else when their rows are exchanged', async () => {
      await process().forWriting([ada, adaElsewhere]);
      await database.query(
        `update vault.subject_keys k set wrapped = (select wrapped from vault.subject_keys o where o.tenant <> k.tenant)`,
      );
      await expect(process().forReading([ada])).rejects.toThrow(UnwrapError);
    });
  });
});

const ignoreErased = (error: unknown) => {
  if (!(error instanceof SubjectErasedError)) throw error;
};
