import { databasesUnderTest, silent, type TestDatabase } from '#libs/testing';
import { openDatabase } from '../open-database.js';

const refusal = async (url: string) => {
  const error = await openDatabase({ url, dataDir: 'unused', log: silent }).catch((refused: unknown) => refused);
  return { error, shown: JSON.stringify(error, Object.getOwnPropertyNames(error)) };
};

describe('a DATABASE_URL', () => {
  it.each(['mysql://u:hunter2@host/db', 'host:5432', 'postgres://u:hunter2@[bad/db'])(
    'that is none is refused without being quoted (%#)',
    async (url) => {
      const { error, shown } = await refusal(url);

      expect(error).toMatchObject({ code: 'database-unavailable' });
      expect(shown).toContain('postgres://user:password@host:5432/database');
      expect(shown).not.toContain('hunter2');
    },
  );

  it('where nothing listens is refused with what to check, without its password', async () => {
    const { error, shown } = await refusal('postgres://u:hunter2@127.0.0.1:1/db');

    expect(error).toMatchObject({ code: 'database-unavailable' });
    expect(shown).toContain('ECONNREFUSED');
    expect(shown).not.toContain('hunter2');
  });
});

const real = databasesUnderTest().find(({ name }) => name === 'postgres');

(real?.skipped ? describe.skip : describe)('a PostgreSQL', () => {
  let test: TestDatabase;

  beforeAll(async () => {
    test = (await real?.open()) as TestDatabase;
  }, 60_000);
  afterAll(() => test?.drop());

  it('with other defaults is still used durably, READ COMMITTED and in UTC', async () => {
    const { rows } = await test.database.query<{ name: string }>('select current_database() as name');
    for (const setting of [
      `timezone = 'Asia/Tokyo'`,
      `default_transaction_isolation = 'serializable'`,
      'synchronous_commit = off',
    ]) {
      await test.database.query(`alter database ${rows[0]?.name} set ${setting}`);
    }

    const database = await openDatabase({ url: test.url, dataDir: test.dataDir, log: silent });

    const settings = ['TimeZone', 'transaction_isolation', 'synchronous_commit', 'idle_in_transaction_session_timeout'];
    const seen = await database.query(
      `select array_agg(current_setting(s) order by n) as seen from unnest($1::text[]) with ordinality t(s, n)`,
      [settings],
    );
    expect(seen.rows).toEqual([{ seen: ['UTC', 'read committed', 'on', '10s'] }]);
    await database.close();
  });

  it('that could lose what it acknowledged is used, with a warning', async () => {
    const warnings: string[] = [];

    const log = { ...silent, warn: (message: string) => void warnings.push(message) };
    const database = await openDatabase({ url: test.url, dataDir: test.dataDir, log });

    const { rows } = await database.query<{ fsync: string }>('show fsync');
    expect(warnings).toHaveLength(rows[0]?.fsync === 'off' ? 1 : 0);
    await database.close();
  });

  it('without UTF-8 is refused', async () => {
    await test.database.query(`create database latin template template0 encoding 'LATIN1' locale 'C'`);
    const url = new URL(test.url as string);
    url.pathname = '/latin';

    const { error } = await refusal(url.href);

    expect(error).toMatchObject({ message: expect.stringContaining('encoding UTF8') });
    await test.database.query('drop database latin with (force)');
  });

  it('is closed twice without harm', async () => {
    const database = await openDatabase({ url: test.url, dataDir: test.dataDir, log: silent });

    await database.close();
    await expect(database.close()).resolves.toBeUndefined();
  });
});
