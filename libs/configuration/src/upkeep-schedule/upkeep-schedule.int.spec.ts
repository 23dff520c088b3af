/** Appointments outlive the process that made them, and only the holder of the role makes any. */
import { databaseMigrations, type Lease, LeaseLostError, leases, migrate } from '#libs/database';
import { onEveryDatabase, type TestDatabase } from '#libs/testing';
import { configurationMigrations } from '../standing-grants/standing-grants.table.js';
import { type Appointment, UpkeepSchedule } from './upkeep-schedule.js';

jest.setTimeout(60_000);

const appointment = (subject: string, over: Partial<Appointment> = {}): Appointment => ({
  subject,
  about: 'settings',
  dueAt: '2026-03-02T08:00:00.000Z',
  failures: 0,
  ...over,
});

onEveryDatabase((open) => {
  let test: TestDatabase;
  let lease: Lease;
  beforeAll(async () => {
    test = await open();
    await migrate(test.database, [...databaseMigrations, ...configurationMigrations]);
  });
  beforeEach(async () => {
    await test.database.query('truncate provisioning.upkeep_schedule');
    lease = (await leases(test.database).acquire('upkeep')) as Lease;
  });
  afterEach(() => lease.release());
  afterAll(() => test.drop());

  const read = () => UpkeepSchedule.read({ database: test.database, lease });

  it('are found again by the next process', async () => {
    const schedule = await read();
    await schedule.set('metadata', appointment('okta'));
    await schedule.set('metadata', appointment('okta', { failures: 2 }));
    await schedule.set('domains', appointment('okta'));
    const next = await read();
    expect(next.of('metadata', 'okta')).toEqual(appointment('okta', { failures: 2 }));
    expect(next.of('domains', 'okta')).toEqual(appointment('okta'));
    expect(next.of('metadata', 'entra')).toBeUndefined();
  });

  it('are forgotten with what they were for, in their own task alone', async () => {
    const schedule = await read();
    for (const subject of ['okta', 'entra']) await schedule.set('metadata', appointment(subject));
    await schedule.set('domains', appointment('okta'));
    await schedule.keepOnly('metadata', new Set(['entra']));
    for (const each of [schedule, await read()])
      expect([
        each.of('metadata', 'okta'),
        each.of('metadata', 'entra')?.subject,
        each.of('domains', 'okta')?.subject,
      ]).toEqual([undefined, 'entra', 'okta']);
  });

  it('are read completely, however many there are', async () => {
    await test.database.query(
      `insert into provisioning.upkeep_schedule
       select 'metadata', 'connection-' || n, 'settings', '2026-03-02T08:00:00.000Z', 0 from generate_series(1, 2500) n`,
    );
    const schedule = await read();
    const found = Array.from({ length: 2_500 }, (_, index) => schedule.of('metadata', `connection-${index + 1}`));
    expect(found.filter((each) => each === undefined)).toEqual([]);
  });

  it('are not made by who lost the role', async () => {
    const schedule = await read();
    await lease.release();
    await expect(schedule.set('metadata', appointment('okta'))).rejects.toThrow(LeaseLostError);
    expect((await read()).of('metadata', 'okta')).toBeUndefined();
  });
});
