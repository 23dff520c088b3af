/** Whether anything of a report was cut off is looked up when all of it is made: in what is kept, and by asking its kind to go on. */
import * as fc from 'fast-check';
import {
  ada,
  clearReader,
  historyOf,
  onEveryDatabase,
  provisioned,
  randomGovernance,
  storeOf,
  tenantRegistered,
} from '#libs/testing';
import { askedOf, markingReader, reportOf, wholeStoreOf } from '../events/told-history.fixture.js';
import { sealedHistory } from '../export/sealed-history.fixture.js';
import { REPORTS } from '../kinds/index.js';
import type { ReportKind } from '../report-kind.js';
import { numbers } from './jobs.fixture.js';
import { keptReport } from './kept-report.js';
import { reportJobs } from './report-jobs.fixture.js';

const history = historyOf(tenantRegistered('acme'), provisioned(ada));
const HISTORIES = fc.sample(randomGovernance, { numRuns: 4, seed: 7 });

jest.setTimeout(120_000);

onEveryDatabase((open) => {
  describe('a report that a job made', () => {
    const told = sealedHistory({ open, reader: clearReader, storeOf });
    const { work, found, ask, execute } = reportJobs(told, history);

    /** Ends after some batches, as if there were no more. */
    const stopping = (batches: number): ReportKind => {
      const whole = numbers();
      return {
        ...whole,
        async *rows(source, question, after) {
          let left = batches;
          for await (const batch of whole.rows(source, question, after)) {
            if (left === 0) return;
            left -= 1;
            yield batch;
          }
        },
        population: async (_source, _question, { rows }) => [
          { of: 'numbers', recorded: rows, listed: rows, excluded: {} },
        ],
      };
    };

    it('is not truncated when its kind has no more', async () => {
      const report = await ask('whole');
      expect(await work()).toBe('done');
      expect((await found(report)).sheet).toMatchObject({ rows: 2_500, truncated: false, complete: true });
    });

    it('is truncated when its kind broke off, though everything else adds up', async () => {
      const report = await ask('broken off');
      expect(await work(stopping(2))).toBe('done');
      expect((await found(report)).sheet).toMatchObject({
        rows: 2_000,
        truncated: true,
        complete: false,
        problems: ['The report breaks off: upon the last of its 2000 rows more would follow. Make the report again.'],
      });
    });

    it('has as many rows as are kept without a hole', async () => {
      const job = await found(await ask('with a hole'));
      await work();
      const kept = () => keptReport(job, numbers(), told.source);
      expect(await kept()).toEqual({ rows: 2_500, goesOn: false });
      await execute('delete from reports.row_chunks where chunk = 1');
      expect(await kept()).toEqual({ rows: 1_000, goesOn: false });
    });
  });

  describe('every kind', () => {
    const told = sealedHistory({ open, reader: markingReader, storeOf: wholeStoreOf });

    it.each(HISTORIES.map((events, nth) => [nth + 1, events] as const))(
      'has nothing behind its last bookmark (history %s)',
      async (_nth, events) => {
        await told.tell(events);
        const question = askedOf(events);
        for (const kind of REPORTS.values()) {
          const last = (await reportOf(kind, told.source, question)).bookmarks.at(-1) ?? null;
          const { cells, counts } = await reportOf(kind, told.source, question, last);
          const counted = Object.keys(counts).filter((name) => counts[name] !== 0);
          expect({ kind: kind.kind, cells, counted }).toEqual({ kind: kind.kind, cells: [], counted: [] });
        }
      },
    );
  });
});
