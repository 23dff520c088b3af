/** What waits to be made, and how much may be kept of each tenant. */
import { ada, clearReader, historyOf, onEveryDatabase, provisioned, storeOf, tenantRegistered } from '#libs/testing';
import { sealedHistory } from '../export/sealed-history.fixture.js';
import { FILES_KEPT_MS } from './job-record.js';
import { numbers } from './jobs.fixture.js';
import { KEPT_BYTES_MAX } from './kept-bytes.queries.js';
import { HELD, idOf, never, reportJobs } from './report-jobs.fixture.js';
import { WAITING_REPORTS_MAX } from './report-queue.js';
import type { ReportRunnerDependencies } from './report-runner.js';
import { sweepReports } from './sweep-reports.js';

const history = historyOf(tenantRegistered('acme'), provisioned(ada));

jest.setTimeout(60_000);

onEveryDatabase((open) => {
  const told = sealedHistory({ open, reader: clearReader, storeOf });
  const { queue, clock, runner, pass, work, found, ask, keptBytes } = reportJobs(told, history);

  describe('the queue', () => {
    it('takes the same command once, and tells another use of its id', async () => {
      const report = await ask('once');
      await ask('once');
      expect((await queue.list({ tenant: 'acme', limit: 10 })).items).toHaveLength(1);
      expect(await queue.knows({ id: report, commandDigest: 'once' })).toBe(true);
      await expect(queue.knows({ id: report, commandDigest: 'twice' })).rejects.toMatchObject({
        code: 'idempotency-key-reused',
      });
    });

    it('holds a bounded number for each tenant', async () => {
      for (let nth = 0; nth < WAITING_REPORTS_MAX; nth += 1) await ask(`waiting ${nth}`);
      await expect(ask('one more')).rejects.toMatchObject({ code: 'too-many-reports', kind: 'limited' });
      await ask('of another', ['csv'], 1, 'globex');
      expect(await queue.unfinished()).toEqual({ queued: WAITING_REPORTS_MAX + 1, running: 0 });
    });

    it('lets the tenants take turns, each in its own order', async () => {
      const asked = [['acme 1'], ['acme 2'], ['acme 3'], ['globex 1', 'globex'], ['globex 2', 'globex']] as const;
      for (const [name, tenant] of asked) await ask(name, ['csv'], 1, tenant);
      const names = new Map(asked.map(([name]) => [idOf(name), name]));
      const begun: (string | undefined)[] = [];
      const observe: ReportRunnerDependencies['observe'] = (job) => void begun.push(names.get(job.id));
      while (await runner(numbers({ rows: 1 }), { observe }).runNext(HELD, never)) pass(1_000);
      expect(begun).toEqual(['acme 1', 'globex 1', 'acme 2', 'globex 2', 'acme 3']);
    });

    it('knows what is kept, to the byte, until it is swept', async () => {
      const report = await ask('kept', ['csv', 'json']);
      await work();
      const kept = await keptBytes(report);
      expect(kept?.said).toBeGreaterThan(1_000);
      expect(kept?.said).toBe(kept?.there);
      pass(FILES_KEPT_MS + 1);
      await sweepReports(told.source.database, clock, never);
      expect(await keptBytes(report)).toEqual({ said: 0, there: 0 });
    });

    it('takes no more of a tenant that keeps as much as it may, and makes none that waits; others are not kept out', async () => {
      const [full, waiting] = [await ask('fills the room'), await ask('waits')];
      await work();
      await told.source.database.query('update reports.jobs set kept_bytes = $2 where id = $1', [full, KEPT_BYTES_MAX]);
      await expect(ask('one more')).rejects.toMatchObject({ code: 'too-much-kept', kind: 'limited' });
      await ask('waits');
      expect(await work()).toBe('failed');
      expect((await found(waiting)).failure?.code).toBe('too-much-kept');
      await ask('of another', ['csv'], 1, 'globex');
      pass(FILES_KEPT_MS + 1);
      await sweepReports(told.source.database, clock, never);
      expect(await ask('when it is gone')).toBe(idOf('when it is gone'));
    });

    it('is listed from the newest on, page by page, each tenant’s own', async () => {
      for (let nth = 0; nth < 5; nth += 1) await ask(`nth ${nth}`);
      await ask('foreign', ['csv'], 1, 'globex');
      const first = await queue.list({ tenant: 'acme', limit: 3 });
      const rest = await queue.list({ tenant: 'acme', limit: 3, before: first.items.at(-1)?.number });
      expect([first.more, rest.more]).toEqual([true, false]);
      expect([...first.items, ...rest.items].map((job) => job.id)).toEqual(
        [4, 3, 2, 1, 0].map((nth) => idOf(`nth ${nth}`)),
      );
      expect((await queue.list({ tenant: 'acme', status: 'done', limit: 3 })).items).toEqual([]);
    });
  });
});
