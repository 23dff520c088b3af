import { databasesUnderTest, type TestDatabase } from '#libs/testing';
import { upkeep } from './upkeep.js';

const FIVE_MINUTES_MS = 300_000;

describe('the upkeep of the embedded database', () => {
  let test: TestDatabase;
  let now = 0;

  beforeAll(async () => {
    const embedded = databasesUnderTest().find(({ name }) => name === 'embedded');
    test = (await embedded?.open()) as TestDatabase;
    await test.database.query('create table grown(n int primary key, text text)');
  }, 60_000);
  afterAll(() => test?.drop());

  const lastCheckpoint = async () =>
    (await test.database.query<{ lsn: string }>('select redo_lsn::text as lsn from pg_control_checkpoint()')).rows[0]
      ?.lsn;
  const statistics = async () => {
    await test.database.query('select pg_stat_force_next_flush()');
    return (
      await test.database.query<{ dead: number; analyzed: boolean; vacuumed: boolean }>(
        `select n_dead_tup as dead, last_analyze is not null as analyzed, last_vacuum is not null as vacuumed
         from pg_stat_user_tables where relname = 'grown'`,
      )
    ).rows[0];
  };

  it('gathers statistics after a load, so that the planner knows the size', async () => {
    await test.database.query(`insert into grown select n, repeat('x', 100) from generate_series(1, 5000) n`);
    expect(await statistics()).toMatchObject({ analyzed: false });

    await upkeep(test.database, () => now).run();

    expect(await statistics()).toMatchObject({ analyzed: true });
  });

  it('frees the space of deleted rows', async () => {
    await test.database.query('delete from grown where n <= 4000');

    await upkeep(test.database, () => now).run();

    expect(await statistics()).toMatchObject({ dead: 0, vacuumed: true });
  });

  it('leaves quiet tables alone', async () => {
    await upkeep(test.database, () => now).run();
    const before = await test.database.query('select last_vacuum from pg_stat_user_tables');

    await upkeep(test.database, () => now).run();

    expect((await test.database.query('select last_vacuum from pg_stat_user_tables')).rows).toEqual(before.rows);
  });

  it('makes a checkpoint five minutes after the last one, but only when something was written', async () => {
    const keeper = upkeep(test.database, () => now);
    await keeper.run();
    await test.database.query('checkpoint');
    const before = await lastCheckpoint();

    await test.database.query(`insert into grown values (10000, '')`);
    await keeper.run();
    expect(await lastCheckpoint()).toBe(before);

    now += FIVE_MINUTES_MS;
    await keeper.run();
    const after = await lastCheckpoint();
    expect(after).not.toBe(before);

    now += FIVE_MINUTES_MS;
    await keeper.run();
    expect(await lastCheckpoint()).toBe(after);
  });

  it('makes a checkpoint at once after much was written', async () => {
    const keeper = upkeep(test.database, () => now);
    await keeper.run();
    const before = await lastCheckpoint();

    for (let megabyte = 0; megabyte < 40; megabyte++) {
      await test.database.query(`select pg_logical_emit_message(false, 'load', repeat('x', 1048576))`);
    }
    await keeper.run();

    expect(await lastCheckpoint()).not.toBe(before);
  });
});
