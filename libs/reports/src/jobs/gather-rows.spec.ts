/** Gathering rows: bounded in memory and in number, and soon at an end when it is not wanted any more. */
import type { ReportFormatName } from '../formats/report-format.js';
import type { ReportSource } from '../report-kind.js';
import { gatherRows } from './gather-rows.js';
import type { GatheredRows } from './job-record.js';
import { BATCH, numbers } from './jobs.fixture.js';
import type { ReportJob } from './report-job.js';

const SOURCE = {} as ReportSource;

/** Lines of a workbook without its head. */
const SHEET_ROWS = 1_048_575;

const job = (formats: readonly ReportFormatName[], rows = 0) =>
  ({
    question: {},
    formats,
    rows,
    erased: 0,
    counts: {},
    bookmark: rows > 0 ? String(rows) : null,
  }) as unknown as ReportJob;

async function gather(formats: readonly ReportFormatName[], rows: number, signal = new AbortController().signal) {
  const kept: GatheredRows[] = [];
  const record = { gathered: async (rows: GatheredRows) => void kept.push(rows) };
  const kind = numbers({ rows, name: () => '' });
  return { kept, gathered: await gatherRows(job(formats), { kind, source: SOURCE, record, signal }) };
}

/** Gathers from ten million rows until it is refused. @returns why, how many batches were read for it, and how many rows were kept */
async function refused(formats: readonly ReportFormatName[], gathered = 0) {
  const seen = { batches: 0, kept: gathered };
  const record = {
    gathered: async ({ rows }: GatheredRows) => {
      seen.kept = rows;
    },
  };
  const before = () => {
    seen.batches += 1;
  };
  const kind = numbers({ rows: 10_000_000, name: () => '', before });
  const { signal } = new AbortController();
  const refusal = await gatherRows(job(formats, gathered), { kind, source: SOURCE, record, signal }).catch(
    (error: unknown) => error,
  );
  return { refusal, ...seen };
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

  it('reads no batch beyond the one that a spreadsheet could not hold, and says the limit', async () => {
    const { refusal, batches, kept } = await refused(['xlsx']);
    expect(refusal).toMatchObject({ code: 'report-too-large', details: { format: 'xlsx', limit: SHEET_ROWS } });
    expect((refusal as Error).message).toContain('1048575');
    expect(batches).toBe(Math.ceil((SHEET_ROWS + 1) / BATCH));
    expect(kept).toBeLessThanOrEqual(SHEET_ROWS);
  }, 30_000);

  it('reads no batch beyond the one that a document for reading could not hold', async () => {
    const { refusal, batches, kept } = await refused(['html']);
    expect(refusal).toMatchObject({ code: 'report-too-large', details: { format: 'html', limit: 20_000 } });
    expect({ batches, kept }).toEqual({ batches: 21, kept: 20_000 });
  });

  it('counts what was gathered before it was interrupted', async () => {
    const { refusal, batches, kept } = await refused(['xlsx'], 1_048_000);
    expect(refusal).toMatchObject({ code: 'report-too-large', details: { format: 'xlsx', rows: 1_049_000 } });
    expect({ batches, kept }).toEqual({ batches: 1, kept: 1_048_000 });
  });

  it('ends where the last of several formats cannot hold them, and says what the first of them says', async () => {
    const { refusal, batches } = await refused(['html', 'xlsx'], 1_040_000);
    expect(refusal).toMatchObject({ code: 'report-too-large', details: { format: 'html', limit: 20_000 } });
    expect(batches).toBe(9);
  });

  it('goes on while another format can hold them', async () => {
    const { gathered } = await gather(['html', 'csv'], 60_000);
    expect(gathered.rows).toBe(60_000);
  });

  it('ends within a batch when it is to end', async () => {
    await expect(gather(['csv'], 10_000_000, AbortSignal.abort())).rejects.toThrow('aborted');
  });
});
