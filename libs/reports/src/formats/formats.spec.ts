/** What every format has in common: limits, and an end that reaches where the rows come from. */
import { buffer } from 'node:stream/consumers';
import { REPORT_FORMATS } from '#libs/contracts';
import type { ReportRow } from '../column.js';
import { assertRowsFit, FORMATS, fileNameOf } from './formats.js';
import { ADA, batchesOf, fileOf, JUNE, NOTES, VISITS } from './sample-report.fixture.js';
import { withinLimits } from './within-limits.js';

describe.each(REPORT_FORMATS)('%s', (name) => {
  const format = FORMATS[name];

  it('is there under its name', () => {
    expect(format.name).toBe(name);
    expect(fileNameOf('visits', name)).toBe(`visits.${name}`);
  });

  it('refuses a row that lacks a cell', async () =>
    expect(fileOf(format, [ADA, ADA.slice(1)])).rejects.toThrow('Row 2 of visits has 5 cells for 6 columns.'));

  it('fails as its rows fail', async () => {
    const broken = (async function* () {
      yield [ADA];
      throw new Error('the database went away');
    })();
    await expect(buffer(format.render(VISITS, JUNE, broken))).rejects.toThrow('the database went away');
  });

  it('closes its rows when nobody takes its bytes any more', async () => {
    const told: string[] = [];
    const endless = (async function* () {
      try {
        for (;;) {
          told.push('read');
          yield [ADA];
        }
      } finally {
        told.push('closed');
      }
    })();
    for await (const _ of format.render(VISITS, JUNE, endless)) if (told.length > 0) break;
    await until(() => told.includes('closed'));
    expect(told.at(-1)).toBe('closed');
  });

  it('reads no further than its bytes are taken', async () => {
    let read = 0;
    const rows = Array<ReportRow>(1_000).fill(['x'.repeat(100)]);
    const endless = (async function* () {
      for (;;) {
        read += 1;
        yield rows;
      }
    })();
    const file = format.render(NOTES, JUNE, endless)[Symbol.asyncIterator]();
    await file.next();
    await new Promise((resolve) => setImmediate(resolve));
    expect(read).toBeLessThan(20);
    await file.return?.();
  });
});

describe('too many rows', () => {
  it.each([
    ['xlsx', 1_048_575],
    ['html', 20_000],
  ] as const)('are refused for %s beyond %i, before any is written', (name, limit) => {
    expect(() => assertRowsFit(name, limit)).not.toThrow();
    expect(() => assertRowsFit(name, 10_000_000)).toThrow(
      `The report has 10000000 rows or more, and at most ${limit} can be had as ${name}. Narrow it by a filter or a shorter period, or ask for csv or json, which hold the most.`,
    );
  });

  it.each(['csv', 'json'] as const)('are none for %s', (name) =>
    expect(() => assertRowsFit(name, Number.MAX_SAFE_INTEGER)).not.toThrow(),
  );

  it('are refused at the first beyond the limit while they are written', async () => {
    const limited = withinLimits({ name: 'xlsx', rowsMax: 3 }, VISITS, batchesOf([ADA, ADA, ADA, ADA], 2));
    expect((await limited.next()).value).toHaveLength(2);
    await expect(limited.next()).rejects.toMatchObject({
      code: 'report-too-large',
      details: { format: 'xlsx', rows: 4, limit: 3 },
    });
  });
});

/** Waits for a condition, a second at most. */
async function until(holds: () => boolean): Promise<void> {
  for (let turns = 0; turns < 100 && !holds(); turns += 1) await new Promise((resolve) => setTimeout(resolve, 10));
}
