import { setTimeout as delay } from 'node:timers/promises';
import { onEveryDatabase, type TestDatabase } from '#libs/testing';
import { LeaseLostError } from './database.errors.js';
import { expireLeases, type Lease, leases } from './leases.js';
import { databaseMigrations, migrate } from './migrations.js';

const SHORT_MS = 60;

onEveryDatabase((open) => {
  let test: TestDatabase;

  beforeAll(async () => {
    test = await open();
    await migrate(test.database, databaseMigrations);
    await test.database.query('create table written(by text not null)');
  }, 60_000);
  afterAll(() => test?.drop());
  beforeEach(() => test.database.query('truncate database.leases, written'));

  const writers = async () =>
    (await test.database.query<{ by: string }>('select by from written')).rows.map(({ by }) => by);

  /** What a holder does: check the lease in the transaction, then write. */
  const write = (lease: Lease, by: string) =>
    test.database.transaction(async (client) => {
      await lease.guard(client);
      await client.query('insert into written values ($1)', [by]);
    });

  const held = (lease: Lease | null): Lease => {
    if (!lease) throw new Error('The role was expected to be free.');
    return lease;
  };

  /** Asks until the role is free, as a second process would. */
  const takeOver = async (role: string): Promise<Lease> => {
    for (let attempt = 0; attempt < 200; attempt++) {
      const lease = await leases(test.database).acquire(role);
      if (lease) return lease;
      await delay(10);
    }
    throw new Error('The lease did not run out.');
  };

  it('gives a role to one holder, and other roles to others', async () => {
    const here = leases(test.database);
    const there = leases(test.database);

    expect(await here.acquire('sequencer')).toMatchObject({ role: 'sequencer', epoch: 1 });
    expect(await there.acquire('sequencer')).toBeNull();
    expect(await here.acquire('sequencer')).toBeNull();
    expect(await there.acquire('projector')).toMatchObject({ epoch: 1 });
  });

  it('gives it to exactly one of many that ask at once', async () => {
    const asked = await Promise.all(Array.from({ length: 16 }, () => leases(test.database).acquire('sequencer')));

    expect(asked.filter((lease) => lease !== null)).toHaveLength(1);
  });

  it('stays with the holder that renews', async () => {
    const lease = held(await leases(test.database, SHORT_MS).acquire('sequencer'));
    for (let round = 0; round < 5; round++) {
      await delay(SHORT_MS / 4);
      expect(await lease.renew()).toBe(true);
    }

    expect(await leases(test.database).acquire('sequencer')).toBeNull();
    await expect(write(lease, 'holder')).resolves.toBeUndefined();
  });

  it('passes on when it runs out, and the former holder can write nothing more', async () => {
    const zombie = held(await leases(test.database, SHORT_MS).acquire('sequencer'));
    const heir = await takeOver('sequencer');

    await expect(write(zombie, 'zombie')).rejects.toThrow(LeaseLostError);
    await write(heir, 'heir');

    expect(heir.epoch).toBe(2);
    expect(await zombie.renew()).toBe(false);
    expect(await writers()).toEqual(['heir']);
  });

  it('lets a zombie write when nobody checks: the guard is what stops it', async () => {
    await leases(test.database, SHORT_MS).acquire('sequencer');
    await takeOver('sequencer');

    await test.database.query(`insert into written values ('zombie')`);

    expect(await writers()).toEqual(['zombie']);
  });

  it('is not taken over while a guarded transaction is under way', async () => {
    const lease = held(await leases(test.database, SHORT_MS).acquire('sequencer'));
    const order: string[] = [];
    let heir: Promise<unknown> | undefined;

    await test.database.transaction(async (client) => {
      await lease.guard(client);
      await client.query(`select pg_sleep(${(2 * SHORT_MS) / 1000})`);
      heir = leases(test.database)
        .acquire('sequencer')
        .then((taken) => order.push(taken ? 'taken over' : 'refused'));
      await client.query('select pg_sleep(0.05)');
      await client.query(`insert into written values ('holder')`);
      order.push('written');
    });
    await heir;

    expect(order).toEqual(['written', 'taken over']);
  });

  it('is free at once after a release, which fences off the one who released', async () => {
    const lease = held(await leases(test.database).acquire('sequencer'));

    await lease.release();

    await expect(write(lease, 'zombie')).rejects.toThrow(LeaseLostError);
    expect(await leases(test.database).acquire('sequencer')).toMatchObject({ epoch: 3 });
    await lease.release();
    expect(await leases(test.database).acquire('sequencer')).toBeNull();
  });

  it('is freed with all others where it is proved that no other process lives', async () => {
    const left = held(await leases(test.database).acquire('sequencer'));

    await expireLeases(test.database);

    expect(await leases(test.database).acquire('sequencer')).not.toBeNull();
    await expect(write(left, 'zombie')).rejects.toThrow(LeaseLostError);
  });
});
