import { onEveryDatabase, type TestDatabase } from '#libs/testing';
import { TransactionAbortedError } from './database.errors.js';

onEveryDatabase((open, kind) => {
  let test: TestDatabase;

  beforeAll(async () => {
    test = await open();
    await test.database.query('create table item(id int primary key, n bigint not null default 0)');
  }, 60_000);
  afterAll(() => test?.drop());
  beforeEach(() => test.database.query('truncate item'));

  const ids = async () =>
    (await test.database.query<{ id: number }>('select id from item order by id')).rows.map(({ id }) => id);

  describe('a transaction', () => {
    it('keeps everything when its work resolves, and answers with the result', async () => {
      const answer = await test.database.transaction(async (client) => {
        await client.query('insert into item(id) values (1)');
        await client.query('insert into item(id) values (2)');
        return 'kept';
      });

      expect(answer).toBe('kept');
      expect(await ids()).toEqual([1, 2]);
    });

    it('keeps nothing when its work rejects, and passes the error on', async () => {
      const failing = test.database.transaction(async (client) => {
        await client.query('insert into item(id) values (1)');
        throw new Error('changed my mind');
      });

      await expect(failing).rejects.toThrow('changed my mind');
      expect(await ids()).toEqual([]);
    });

    it('never claims to have committed when a failed statement was swallowed', async () => {
      const swallowing = test.database.transaction(async (client) => {
        await client.query('insert into item(id) values (1)');
        await client.query('select 1/0').catch(() => {});
      });

      await expect(swallowing).rejects.toThrow(TransactionAbortedError);
      expect(await ids()).toEqual([]);
    });

    it('shows nobody what is not committed', async () => {
      let seen: Promise<number[]> | undefined;
      const undone = test.database.transaction(async (client) => {
        await client.query('insert into item(id) values (1)');
        seen = ids();
        await client.query('select 1');
        throw new Error('undone');
      });

      await expect(undone).rejects.toThrow('undone');
      await expect(seen).resolves.toEqual([]);
    });

    it('takes its turn among ten at once', async () => {
      await test.database.query('insert into item(id) values (1)');

      await Promise.all(
        Array.from({ length: 10 }, () =>
          test.database.transaction(async (client) => {
            const { rows } = await client.query<{ n: number }>('select n from item where id = 1 for update');
            await client.query('update item set n = $1 where id = 1', [(rows[0]?.n ?? 0) + 1]);
          }),
        ),
      );

      const { rows } = await test.database.query('select n from item');
      expect(rows).toEqual([{ n: 10 }]);
    });

    it('is READ COMMITTED', async () => {
      const { rows } = await test.database.transaction((client) => client.query('show transaction_isolation'));

      expect(rows).toEqual([{ transaction_isolation: 'read committed' }]);
    });
  });

  describe('statements', () => {
    it('run prepared under one name by many callers', async () => {
      const named = { name: 'twice', text: 'select $1::int * 2 as twice' };

      const answers = await Promise.all(
        [1, 2, 3].map((n) => test.database.query<{ twice: number }>({ ...named, values: [n] })),
      );

      expect(answers.map(({ rows }) => rows[0]?.twice)).toEqual([2, 4, 6]);
    });

    it('pass three megabytes there and back', async () => {
      const large = 'ä'.repeat(1_500_000);

      const { rows } = await test.database.query<{ back: string }>('select $1::text as back', [large]);

      expect(rows[0]?.back === large).toBe(true);
    });

    it('reject with PostgreSQL’s code, and the next one is well', async () => {
      await expect(test.database.query('select 1/0')).rejects.toMatchObject({ code: '22012' });
      await expect(test.database.query('select 1 as one')).resolves.toMatchObject({ rows: [{ one: 1 }] });
    });

    it('refuse an integer that JavaScript would round, and the next one is well', async () => {
      await expect(test.database.query('select 9007199254740993::bigint')).rejects.toThrow(RangeError);
      await expect(test.database.query('select 1::bigint as one')).resolves.toMatchObject({ rows: [{ one: 1 }] });
    });

    it('see times in UTC and commit durably', async () => {
      const { rows } = await test.database.query(
        `select current_setting('TimeZone') in ('UTC', 'GMT') as utc, current_setting('synchronous_commit') as commits`,
      );

      expect(rows).toEqual([{ utc: true, commits: 'on' }]);
    });
  });

  it('says which kind it is', () => expect(test.database.kind).toBe(kind));
});
