/** Reports that the clock asks for, and their deliveries, on both databases: each once, and nothing lost in between. */
import { type Database, LeaseLostError } from '#libs/database';
import { system } from '#libs/kernel';
import { onEveryDatabase, seededId } from '#libs/testing';
import { ReportQueue } from '../jobs/report-queue.js';
import { reportMigrations } from '../jobs/reports.migration.js';
import { lastAskedAt } from './last-asked.queries.js';
import { DELIVERY_RETRY_SECONDS, ReportDeliveries, type ReportDelivery } from './report-deliveries.js';
import { scheduledReportId } from './schedule-ids.js';

const START = Date.parse('2026-04-01T04:00:00.000Z');
const APRIL = '2026-04-01T04:00:00.000Z';
const HELD = { guard: async () => undefined };

onEveryDatabase((open) => {
  let opened: Awaited<ReturnType<typeof open>>;
  let database: Database;
  let now = START;
  const clock = { now: () => new Date(now) };
  let queue: ReportQueue;
  let deliveries: ReportDeliveries;
  beforeAll(async () => {
    opened = await open();
    database = opened.database;
    for (const { sql } of reportMigrations) await database.query(sql);
  });
  afterAll(() => opened?.drop());
  beforeEach(async () => {
    now = START;
    await database.query('truncate reports.jobs, reports.deliveries');
    queue = new ReportQueue({ database, clock });
    deliveries = new ReportDeliveries({ database, clock });
  });

  const ask = async (
    at = APRIL,
    channels: readonly ('folder' | 'webhook')[] = ['folder', 'webhook'],
    tenant = 'acme',
  ) => {
    const id = scheduledReportId(tenant, 'monthly', at);
    await queue.add({
      id,
      commandDigest: 'the same',
      kind: 'access',
      version: 1,
      question: { tenant, asOf: APRIL, from: null, knownAt: 1, timeZone: 'UTC', filter: {}, personal: false },
      formats: ['csv'],
      requestedBy: system('reports'),
      schedule: { id: 'monthly', at, channels },
    });
    return id;
  };
  const end = (id: string, status = 'done') =>
    database.query('update reports.jobs set status = $2 where id = $1', [id, status]);
  const due = async () => (await deliveries.due()).map(({ channel, attempts }) => `${channel} ${attempts}`);
  const first = async (): Promise<ReportDelivery> => {
    const [delivery] = await deliveries.due();
    if (!delivery) throw new Error('Nothing is due.');
    return delivery;
  };
  const shown = async (id: string) => (await queue.find(id))?.deliveries;

  describe('a report that a schedule asks for', () => {
    it('is asked for once, and wanted once at each place', async () => {
      const id = await ask();
      expect(await ask()).toBe(id);
      const { items } = await queue.list({ tenant: 'acme', schedule: 'monthly', limit: 10 });
      expect(items).toMatchObject([{ id, schedule: { id: 'monthly', at: APRIL }, requestedBy: { kind: 'system' } }]);
      expect(await shown(id)).toEqual(
        ['folder', 'webhook'].map((channel) => ({
          channel,
          state: 'queued',
          attempts: 0,
          code: null,
          settledAt: null,
        })),
      );
    });

    it('is found by its schedule, and only by that', async () => {
      await ask();
      const other = { schedule: 'weekly', tenant: 'acme', limit: 10 };
      expect((await queue.list(other)).items).toEqual([]);
      expect((await queue.list({ ...other, schedule: 'monthly', tenant: 'globex' })).items).toEqual([]);
    });

    it('is remembered by when it was due; a clock that ran ahead says nothing', async () => {
      const last = (notAfter: string, tenant = 'acme') =>
        lastAskedAt(database, { tenant, schedule: 'monthly', notAfter });
      expect(await last('2026-06-01T00:00:00.000Z')).toBeNull();
      await ask();
      await ask('2027-01-01T05:00:00.000Z');
      expect(await last('2026-06-01T00:00:00.000Z')).toBe(APRIL);
      expect(await last('2026-06-01T00:00:00.000Z', 'globex')).toBeNull();
    });

    it('of somebody who asks is of no schedule and goes nowhere', async () => {
      const id = seededId('by hand');
      const question = {
        tenant: 'acme',
        asOf: APRIL,
        from: null,
        knownAt: 1,
        timeZone: 'UTC',
        filter: {},
        personal: false,
      };
      const requestedBy = { kind: 'key', id: 'auditor' } as const;
      await queue.add({ id, commandDigest: '', kind: 'access', version: 1, question, formats: ['csv'], requestedBy });
      expect(await queue.find(id)).toMatchObject({ schedule: null, deliveries: [] });
    });
  });

  describe('a delivery', () => {
    it('waits until its report has ended', async () => {
      const id = await ask();
      expect(await due()).toEqual([]);
      await end(id);
      expect(await due()).toEqual(['folder 0', 'webhook 0']);
      for (const status of ['failed', 'cancelled']) {
        await end(id, status);
        expect(await first()).toMatchObject({ job: { status } });
      }
    });

    it('is not due again before its next try, whatever becomes of this one, and at last is given up', async () => {
      await end(await ask(APRIL, ['folder']));
      const lasts: boolean[] = [];
      for (const seconds of [...DELIVERY_RETRY_SECONDS, 60]) {
        lasts.push((await deliveries.beginTry(await first(), HELD))?.last ?? false);
        now += seconds * 1_000 - 1;
        expect(await due()).toEqual([]);
        now += 1;
      }
      expect(lasts).toEqual([...DELIVERY_RETRY_SECONDS.map(() => false), true]);
    });

    it('is tried by one process only', async () => {
      await end(await ask(APRIL, ['folder']));
      const delivery = await first();
      expect(await deliveries.beginTry(delivery, HELD)).toEqual({ last: false });
      expect(await deliveries.beginTry(delivery, HELD)).toBeNull();
    });

    it('is not touched by a process that has lost its role', async () => {
      const id = await ask(APRIL, ['folder']);
      await end(id);
      const lost = { guard: () => Promise.reject(new LeaseLostError('report-schedules', 1)) };
      const delivery = await first();
      await expect(deliveries.beginTry(delivery, lost)).rejects.toThrow(LeaseLostError);
      await expect(deliveries.settle(delivery, { state: 'delivered' }, lost)).rejects.toThrow(LeaseLostError);
      expect(await shown(id)).toMatchObject([{ state: 'queued', attempts: 0 }]);
    });

    it('that is settled stays due until it is recorded, and keeps what it came to', async () => {
      const id = await ask(APRIL, ['webhook']);
      await end(id);
      await deliveries.settle(await first(), { state: 'failed', code: 'refused' }, HELD);
      const settled = await first();
      expect(settled).toMatchObject({ state: 'failed', code: 'refused', job: { id } });
      await deliveries.settle(settled, { state: 'delivered' }, HELD); // too late
      expect(await first()).toMatchObject({ state: 'failed', code: 'refused' });
      await deliveries.recorded(settled, HELD);
      expect(await due()).toEqual([]);
      expect(await shown(id)).toEqual([
        { channel: 'webhook', state: 'failed', attempts: 0, code: 'refused', settledAt: APRIL },
      ]);
    });
  });
});
