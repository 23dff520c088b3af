/** Reports that are made by jobs: whole or not at all. */
import { createHash } from 'node:crypto';
import { LeaseLostError } from '#libs/database';
import { DomainError } from '#libs/kernel';
import { ada, clearReader, historyOf, onEveryDatabase, provisioned, storeOf, tenantRegistered } from '#libs/testing';
import type { EvidenceFile } from '../evidence.js';
import { sealedHistory } from '../export/sealed-history.fixture.js';
import type { ReportFormatName } from '../formats/report-format.js';
import type { ReportKind } from '../report-kind.js';
import { FILES_KEPT_MS } from './job-record.js';
import { BATCH, numbers } from './jobs.fixture.js';
import { HELD, hashes, never, reportJobs } from './report-jobs.fixture.js';
import type { ReportRunnerDependencies } from './report-runner.js';
import { readRows, readRowsAt } from './row-chunks.js';
import { sweepReports } from './sweep-reports.js';

const history = historyOf(tenantRegistered('acme'), provisioned(ada));
const ALL: readonly ReportFormatName[] = ['csv', 'xlsx', 'json', 'html'];
const FILL = `
  create function reports.disk_is_full() returns trigger language plpgsql as $$
  begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$;
  create trigger disk_is_full before insert on reports.TABLE execute function reports.disk_is_full()`;
const FREE = 'drop function reports.disk_is_full cascade';

jest.setTimeout(60_000);

onEveryDatabase((open) => {
  const told = sealedHistory({ open, reader: clearReader, storeOf });
  const { queue, clock, runner, pass, work, found, ask, bytesOf, countOf } = reportJobs(told, history);

  describe('a report', () => {
    it('has a file for each format and its sheet, each with the hash of what is there', async () => {
      const report = await ask('whole', ALL);
      expect(await work()).toBe('done');
      const job = await found(report);
      expect(job).toMatchObject({ status: 'done', progress: 1, rows: 2_500, erased: 25, failure: null, refused: [] });
      expect(job.files.map(({ name }) => name)).toEqual([
        ...ALL.map((format) => `access.${format}`),
        'evidence.json',
        'evidence.html',
      ]);
      for (const file of job.files) {
        const bytes = await bytesOf(report, file);
        expect([bytes.length, createHash('sha256').update(bytes).digest('hex')]).toEqual([file.bytes, file.sha256]);
      }
      expect(job.sheet).toMatchObject({
        rows: 2_500,
        gaps: 0,
        erasedValues: 25,
        complete: true,
        generatedBy: 'key:auditor',
      });
      expect(job.sheet?.files).toHaveLength(ALL.length);
    });

    it('keeps its rows for whoever samples them', async () => {
      const report = await ask('rows');
      await work();
      let rows = 0;
      for await (const batch of readRows(told.source.database, report)) rows += batch.length;
      expect(rows).toBe(2_500);
    });

    it('gives single rows by their numbers, out of the chunks that have them and no others', async () => {
      const report = await ask('single rows');
      await work();
      const at = async (numbers: readonly number[]) => {
        const found: unknown[] = [];
        for await (const { number, row } of readRowsAt(told.source.database, report, numbers))
          found.push([number, row[0]]);
        return found;
      };
      expect(await at([1, 2, 1_000, 1_001, 2_500])).toEqual([1, 2, 1_000, 1_001, 2_500].map((nth) => [nth, nth - 1]));
      await expect(at([2_501])).rejects.toThrow('missing');
      await told.source.database.query('delete from reports.row_chunks where chunk = 1');
      expect(await at([7, 2_400])).toEqual([
        [7, 6],
        [2_400, 2_399],
      ]);
      await expect(at([1_500])).rejects.toThrow('missing');
    });

    it('without rows is a report too', async () => {
      const report = await ask('empty');
      expect(await work(numbers({ rows: 0 }))).toBe('done');
      expect((await found(report)).sheet).toMatchObject({ rows: 0, complete: true });
    });

    it('comes after those that were asked for before', async () => {
      const [first, second] = [await ask('first'), await ask('second')];
      await work();
      expect([(await found(first)).status, (await found(second)).status]).toEqual(['done', 'queued']);
      await work();
      expect(await work()).toBeNull();
    });
  });

  describe('while it is counted at the end', () => {
    const countedFor = (first: () => unknown): ReportKind => ({
      ...numbers(),
      population: async ({ database }) => {
        await first();
        for (;;) await database.query('select 1');
      },
    });

    it('it is cancelled: it stops soon', async () => {
      const report = await ask('counted');
      expect(await work(countedFor(() => queue.cancel(report)))).toBe('ended');
      expect((await found(report)).status).toBe('cancelled');
    });

    it('the process is to end: it stops, and stays where it is', async () => {
      const report = await ask('counted on');
      const stopping = new AbortController();
      await expect(runner(countedFor(() => stopping.abort())).runNext(HELD, stopping.signal)).rejects.toThrow(
        'aborted',
      );
      expect(await found(report)).toMatchObject({ status: 'running', stage: 'rendering' });
      expect(await work()).toBe('done');
    });

    it('another process goes on with it: this one stops', async () => {
      await ask('taken over');
      const lease = {
        taken: false,
        guard: async () => {
          if (lease.taken) throw new LeaseLostError('reports', 1);
        },
      };
      const kind = countedFor(() => {
        lease.taken = true;
      });
      await expect(runner(kind).runNext(lease, never)).rejects.toThrow(LeaseLostError);
    });
  });

  describe('what goes wrong', () => {
    it('in one report fails that one, without a word of what it was about', async () => {
      const report = await ask('broken', ['csv']);
      const later = await ask('later', ['csv']);
      const broken = numbers({
        before: () => {
          throw new Error('no such column: ada@acme.example');
        },
      });
      const seen: unknown[] = [];
      const observe: ReportRunnerDependencies['observe'] = (_job, came, error) => void seen.push(came, error);
      expect(await runner(broken, { observe }).runNext(HELD, never)).toBe('failed');
      const failed = await found(report);
      expect(failed).toMatchObject({ status: 'failed', failure: { code: 'report-failed' }, files: [] });
      expect(JSON.stringify(failed)).not.toContain('ada@');
      expect(seen).toEqual(['failed', expect.any(Error)]);
      expect(await work()).toBe('done');
      expect((await found(later)).status).toBe('done');
    });

    it('for a reason that is written for callers is told to them', async () => {
      class TooOldError extends DomainError {
        readonly code = 'too-old';
        readonly kind = 'unprocessable';
      }
      const report = await ask('refused');
      const refusing = numbers({
        before: () => {
          throw new TooOldError('Ask for later.');
        },
      });
      expect(await work(refusing)).toBe('failed');
      expect((await found(report)).failure).toEqual({ code: 'too-old', detail: 'Ask for later.' });
    });

    it('in one format refuses that one, and the others are there', async () => {
      const report = await ask('one format', ['xlsx', 'csv']);
      expect(await work(numbers({ rows: 3, name: () => 'x'.repeat(40_000) }))).toBe('done');
      const job = await found(report);
      expect(job.refused).toMatchObject([{ format: 'xlsx', code: 'report-cell-too-long' }]);
      expect(hashes(job).map(([name]) => name)).toEqual(['access.csv']);
    });

    it('in every format fails the report', async () => {
      const report = await ask('no format', ['xlsx']);
      expect(await work(numbers({ rows: 3, name: () => 'x'.repeat(40_000) }))).toBe('failed');
      expect(await found(report)).toMatchObject({ failure: { code: 'report-cell-too-long' }, files: [] });
    });

    it.each(['row_chunks', 'file_chunks'])(
      'on a full disk (%s) waits, and goes on when there is room',
      async (table) => {
        const report = await ask('full disk', ['csv']);
        await told.source.database.query(FILL.replace('TABLE', table));
        expect(await work()).toBe('waiting');
        expect(await found(report)).toMatchObject({ status: 'running', waitingFor: 'storage-full', files: [] });
        await told.source.database.query(FREE);
        expect(await work()).toBeNull();
        pass(60_000);
        expect(await work()).toBe('done');
        expect(await found(report)).toMatchObject({ status: 'done', waitingFor: null });
      },
    );

    it('because the read model is behind is waited for, and others go first', async () => {
      const [behind, other] = [await ask('behind', ['csv'], 7), await ask('other')];
      expect(await work()).toBe('waiting');
      expect(await found(behind)).toMatchObject({ status: 'running', waitingFor: 'report-waits-for-read-model' });
      expect(await work()).toBe('done');
      expect((await found(other)).status).toBe('done');
    });

    it('because the kind has changed since is said', async () => {
      const report = await ask('changed');
      expect(await work({ ...numbers(), version: 2 })).toBe('failed');
      expect((await found(report)).failure?.code).toBe('report-kind-changed');
    });
  });

  describe('a cancelled report', () => {
    it('that waits is never made', async () => {
      const report = await ask('not wanted');
      await queue.cancel(report);
      await queue.cancel(report);
      expect(await work()).toBeNull();
      expect((await found(report)).status).toBe('cancelled');
    });

    it('that is being made stops within a batch, and leaves nothing', async () => {
      const report = await ask('stopped');
      const read: number[] = [];
      const kind = numbers({
        rows: 20 * BATCH,
        before: async (batch) => {
          read.push(batch);
          if (batch === 3) await queue.cancel(report);
        },
      });
      expect(await work(kind)).toBe('ended');
      expect(read.length).toBeLessThan(6);
      expect(await found(report)).toMatchObject({ status: 'cancelled', files: [] });
      await sweepReports(told.source.database, clock, never);
      expect([await countOf('row_chunks'), await countOf('file_chunks')]).toEqual([0, 0]);
    });

    it('that is done cannot be cancelled', async () => {
      const report = await ask('done');
      await work();
      await expect(queue.cancel(report)).rejects.toMatchObject({ code: 'report-ended' });
    });
  });

  describe('files', () => {
    it('go after their time, and what was asked stays', async () => {
      const report = await ask('old');
      await work();
      pass(FILES_KEPT_MS - 1);
      expect(await sweepReports(told.source.database, clock, never)).toBe(0);
      pass(1);
      expect(await sweepReports(told.source.database, clock, never)).toBe(1);
      expect([await countOf('row_chunks'), await countOf('file_chunks')]).toEqual([0, 0]);
      expect(await found(report)).toMatchObject({ status: 'done', swept: true, sheet: { rows: 2_500 } });
      expect(await sweepReports(told.source.database, clock, never)).toBe(0);
    });

    it('of which a part is missing break off, and are not taken for whole', async () => {
      const report = await ask('damaged');
      await work();
      const [file] = (await found(report)).files;
      await told.source.database.query('delete from reports.file_chunks where chunk = 1');
      await expect(bytesOf(report, file as EvidenceFile)).rejects.toThrow('A part of the file is missing');
    });
  });
});
