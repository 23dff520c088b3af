import { type Database, migrate } from '#libs/database';
import { onEveryDatabase, type TestDatabase } from '#libs/testing';
import { ledgerMigrations } from './ledger.migration.js';
import { MAX_SEALED_PAGE, readSealedRows, sealedRowsAt, sealedStreams } from './sealed-log.queries.js';

/** Looking lines of the sealed log up, before and after a move to another store. */

onEveryDatabase((open) => {
  let test: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    test = await open();
    database = test.database;
    await migrate(database, ledgerMigrations);
    await database.query(
      `insert into ledger.sealed_log
       select i, 'acme', i, i, gen_random_uuid(), 'account-acme+' || i, 0, '2026-03-01T00:00:00.000Z', decode(repeat('00', 32), 'hex')
       from generate_series(0, 9) i`,
    );
  }, 60_000);
  afterAll(() => test?.drop());

  it('answers the same lines as a reading in order does, whatever is asked twice, is absent or out of order', async () => {
    const all = await readSealedRows(database, -1, 10);
    expect(await sealedRowsAt(database, [7, 2, 7, 10, -1])).toEqual([all[2], all[7]]);
    expect(await sealedRowsAt(database, [])).toEqual([]);
  });

  it('answers where events stand in the store that the database works with now', async () => {
    await database.query('insert into ledger.moved_positions values (1, 2, 90), (2, 7, 99)');
    await database.query('update ledger.belonging set move = 1');
    const places = (await sealedRowsAt(database, [2, 7])).map(({ storePosition }) => storePosition);
    expect(places).toEqual([90, 7]);
  });

  it('looks no more lines up at once than it says', () =>
    expect(sealedRowsAt(database, Array(MAX_SEALED_PAGE + 1).fill(0))).rejects.toThrow(RangeError));

  it('says of which streams the events of a stretch are', async () => {
    const found = await sealedStreams(database, 3, 5);
    expect(found).toEqual([4, 5].map((position) => ({ position, stream: `account-acme+${position}` })));
    expect(await sealedStreams(database, 9, 20)).toEqual([]);
  });
});
