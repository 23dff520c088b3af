import { onEveryDatabase, silent, type TestDatabase } from '#libs/testing';
import { DatabaseNewerError, MigrationChangedError, MigrationFailedError } from './database.errors.js';
import { type Migration, migrate } from './migrations.js';
import { openDatabase } from './open-database.js';

const first: Migration = { name: '0100-first', sql: 'create table step(n int); insert into step values (1)' };
const second: Migration = { name: '0200-second', sql: 'insert into step values (2)' };
const broken: Migration = { name: '0300-broken', sql: 'insert into step values (3); insert into nowhere values (1)' };

onEveryDatabase((open, kind) => {
  let test: TestDatabase;

  beforeAll(async () => {
    test = await open();
  }, 60_000);
  afterAll(() => test?.drop());
  beforeEach(() => test.database.query('drop schema if exists database cascade; drop table if exists step'));

  const steps = async () =>
    (await test.database.query<{ n: number }>('select n from step order by n')).rows.map(({ n }) => n);

  it('applies each migration once, in order of name', async () => {
    await expect(migrate(test.database, [second, first])).resolves.toEqual(['0100-first', '0200-second']);
    await expect(migrate(test.database, [first, second])).resolves.toEqual([]);

    expect(await steps()).toEqual([1, 2]);
  });

  it('applies a new one that sorts before an old one: every library numbers its own', async () => {
    await migrate(test.database, [first]);

    const between = { name: '0050-earlier', sql: 'insert into step values (0)' };
    await expect(migrate(test.database, [between, first])).resolves.toEqual(['0050-earlier']);
  });

  it('refuses a released migration whose text was changed, before anything is applied', async () => {
    await migrate(test.database, [first]);

    const edited = { ...first, sql: `${first.sql} ` };
    await expect(migrate(test.database, [edited, second])).rejects.toThrow(MigrationChangedError);
    expect(await steps()).toEqual([1]);
  });

  it('refuses a database that a later version has migrated', async () => {
    await migrate(test.database, [first, second]);

    await expect(migrate(test.database, [first])).rejects.toThrow(DatabaseNewerError);
  });

  it('rolls a failing migration back whole, keeps those before it, and tries again next time', async () => {
    await expect(migrate(test.database, [first, broken])).rejects.toThrow(MigrationFailedError);
    expect(await steps()).toEqual([1]);

    const repaired = { ...broken, sql: 'insert into step values (3)' };
    await expect(migrate(test.database, [first, repaired])).resolves.toEqual(['0300-broken']);
  });

  it('refuses two migrations of one name', async () => {
    await expect(migrate(test.database, [first, { ...first }])).rejects.toThrow('Two migrations are named 0100-first');
  });

  it('is applied once when several start at the same time', async () => {
    const others =
      kind === 'postgres' ? await Promise.all([1, 2, 3].map(() => openDatabase({ ...test, log: silent }))) : [];

    const applied = await Promise.all(
      [test.database, ...others, test.database].map((database) => migrate(database, [first, second])),
    );

    expect(applied.flat().sort()).toEqual(['0100-first', '0200-second']);
    expect(await steps()).toEqual([1, 2]);
    await Promise.all(others.map((database) => database.close()));
  });
});
