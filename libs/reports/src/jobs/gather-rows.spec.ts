/** Gathering rows: bounded in memory and in number, and soon at an end when it is not wanted any more. */
import type { ReportFormatName } from '../formats/report-format.js';
import type { ReportSource } from '../report-kind.js';
import { gatherRows } from './gather-rows.js';
import type { GatheredRows } from './job-record.js';
import { BATCH, numbers } from './jobs.fixture.js';
import type { ReportJob } from './report-job.js';

const SOURCE = {} as ReportSource;

const job = (formats: readonly ReportFormatName[]) =>
  ({ question: {}, formats, rows: 0, erased: 0, counts: {}, bookmark: null }) as unknown as ReportJob;

async function gather(formats: readonly ReportFormatName[], rows: number, signal = new AbortController().signal) {
  const kept: GatheredRows[] = [];
  const record = { gathered: async (rows: GatheredRows) => void kept.push(rows) };
  const kind = numbers({ rows, name: () => '' });
  return { kept, gathered: await gatherRows(job(formats), { kind, source: SOURCE, record, signal }) };
}

describe('gathering the rows of a report', () => {
  it('keeps them batch by batch, with everything counted so far', async () => {
    const { kept, gathered } = await gather(['csv'], 2 * BATCH + 1);
    expect(kept.map(({ rows, bookmark }) => [rows, bookmark])).toEqual([
      [1000, '1000'],
      [2000, '2000'],
      [2001, '2001'],
    ]);
    expect(gathered).toMatchObject({ rows: 2_001, counts: { 'application.crm': 2_001 } });
  });

  it('ends as soon as a spreadsheet could not hold them, with the limit', async () => {
    const asked = gather(['xlsx'], 10_000_000);
    await expect(asked).rejects.toMatchObject({
      code: 'report-too-large',
      details: { format: 'xlsx', limit: 1_048_575 },
    });
    await expect(asked).rejects.toThrow('1048575');
  }, 30_000);

  it('goes on while another format can hold them', async () => {
    const { gathered } = await gather(['html', 'csv'], 60_000);
    expect(gathered.rows).toBe(60_000);
  });

  it('ends within a batch when it is to end', async () => {
    await expect(gather(['csv'], 10_000_000, AbortSignal.abort())).rejects.toThrow('aborted');
  });
});
