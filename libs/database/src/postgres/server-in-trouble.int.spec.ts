/** A PostgreSQL that is slow, away or full costs a clear refusal in bounded time, and nothing else. */
import pg from 'pg';
import { databasesUnderTest, type FaultyLink, openFaultyLink, silent, type TestDatabase } from '#libs/testing';
import type { Database } from '../database.js';
import { openDatabase } from '../open-database.js';
import { endPool, pooledDatabase } from '../pooled-database.js';

const real = databasesUnderTest().find(({ name }) => name === 'postgres');

(real?.skipped ? describe.skip : describe)('a PostgreSQL in trouble', () => {
  let test: TestDatabase;
  let link: FaultyLink;
  let database: Database;

  beforeAll(async () => {
    test = (await real?.open()) as TestDatabase;
    await test.database.query('create table item(id int primary key)');
  }, 60_000);
  afterAll(() => test?.drop());

  /** A database through the link, with little patience. */
  beforeEach(async () => {
    link = await openFaultyLink(test.url as string);
    const pool = new pg.Pool({ connectionString: link.url, max: 4, connectionTimeoutMillis: 1_500 });
    pool.on('error', () => undefined);
    const patience = { statementMs: 300, transactionMs: 600 };
    database = pooledDatabase(pool, {
      kind: 'postgres',
      patience,
      recordServerUrl: () => {},
      close: () => endPool(pool),
    });
    await database.query('select 1');
  });
  afterEach(async () => {
    link.resume();
    await database.close();
    await link.close();
  });

  const unavailable = { code: 'database-unavailable', kind: 'unavailable' };
  const answers = () => database.query('select 1 as one');

  it('that falls silent refuses statements in time, and serves again', async () => {
    link.stall();
    const asked = performance.now();
    await expect(answers()).rejects.toMatchObject(unavailable);
    expect(performance.now() - asked).toBeLessThan(5_000);
    link.resume();
    await expect(answers()).resolves.toMatchObject({ rows: [{ one: 1 }] });
  });

  it('that falls silent in a transaction refuses it in time, keeps nothing, and serves again', async () => {
    const silenced = database.transaction(async (client) => {
      await client.query('insert into item(id) values (1)');
      link.stall();
      await client.query('select 1');
    });
    await expect(silenced).rejects.toMatchObject(unavailable);
    link.resume();
    await expect(answers()).resolves.toBeDefined();
    expect((await test.database.query('select 1 from item')).rowCount).toBe(0);
  });

  it('ends a transaction whose work does not come to an end', async () => {
    await expect(database.transaction(() => new Promise<never>(() => {}))).rejects.toMatchObject(unavailable);
    await expect(answers()).resolves.toBeDefined();
  });

  it('lets an unhurried transaction take its time', async () => {
    const slow = database.transaction((client) => client.query('select 1 as one from pg_sleep(1)'), {
      unhurried: true,
    });
    await expect(slow).resolves.toMatchObject({ rows: [{ one: 1 }] });
  });

  it('whose connections break, or that does not accept any, refuses, and serves again', async () => {
    const waiting = expect(database.query('select pg_sleep(5)')).rejects.toMatchObject(unavailable);
    await test.database.query('select 1'); // the other statement is on its way by now
    link.cut();
    await waiting;
    await expect(answers()).resolves.toBeDefined();

    const dead = pooledDatabase(new pg.Pool({ connectionString: 'postgres://u:hunter2@127.0.0.1:1/db' }), {
      kind: 'postgres',
      recordServerUrl: () => {},
      close: async () => {},
    });
    const refused = await dead.query('select 1').catch((error: Error) => error);
    expect(refused).toMatchObject(unavailable);
    expect(String(refused)).not.toMatch(/127\.0\.0\.1|hunter2/);
  });

  it('says of its own errors whether they are about the statement or about the server', async () => {
    const raise = (code: string) => database.query(`do $$ begin raise exception 'x' using errcode = '${code}'; end $$`);
    await expect(raise('22012')).rejects.toMatchObject({ code: '22012' });
    await expect(raise('57014')).rejects.toMatchObject(unavailable);
    await expect(raise('53300')).rejects.toMatchObject(unavailable);
    await expect(raise('53100')).rejects.toMatchObject({
      code: 'storage-full',
      kind: 'unavailable',
      message: expect.stringContaining('Free space'),
    });
    const full = database.transaction((client) =>
      client.query(`do $$ begin raise exception 'x' using errcode = '53100'; end $$`),
    );
    await expect(full).rejects.toMatchObject({ code: 'storage-full' });
  });

  it('is asked to give up on statements by itself, except in an unhurried transaction', async () => {
    const opened = await openDatabase({ url: test.url, dataDir: test.dataDir, log: silent });
    const show = 'show statement_timeout';
    const inTime = await opened.query(show);
    const unhurried = await opened.transaction((client) => client.query(show), { unhurried: true });
    const afterwards = await opened.query(show);
    await opened.close();
    expect([inTime, unhurried, afterwards].map(({ rows }) => rows[0])).toEqual([
      { statement_timeout: '10s' },
      { statement_timeout: '0' },
      { statement_timeout: '10s' },
    ]);
  });
});
