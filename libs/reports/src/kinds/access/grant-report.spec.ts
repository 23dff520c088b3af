/** Batches of reports about grants: however many rows a grant has, none is lost or told twice, wherever one goes on. */
import { askedOf } from '../../events/told-history.fixture.js';
import { type ReportSource, ROWS_PER_BATCH, type RowBatch } from '../../report-kind.js';
import { grantReport } from './grant-report.js';
import { GRANTS_PER_PAGE } from './grant-walk.queries.js';

const GRANTS = 3 * GRANTS_PER_PAGE + 1;
const ROWS_OF_ONE = 2_500;
const idOf = (nth: number) => `00000000-0000-4000-8000-${String(nth).padStart(12, '0')}`;

/** A database that has grants at the positions 1, 2, 3, … and nothing else. */
const source = {
  database: {
    query: async ({ values: [, , after] }: { readonly values: readonly [unknown, unknown, number] }) => ({
      rows: Array.from({ length: Math.min(GRANTS - Math.max(after, 0), GRANTS_PER_PAGE) }, (_, index) => ({
        position: Math.max(after, 0) + index + 1,
        grant: idOf(Math.max(after, 0) + index + 1),
      })),
    }),
  },
} as unknown as ReportSource;

/** Every grant has a row, save the second, which has thousands, and the third, which has none. */
const report = grantReport({
  kind: 'grants',
  version: 1,
  title: 'Numbers',
  answers: 'Which numbers are there?',
  about: 'instant',
  columns: [],
  filters: [],
  tell: async (_source, _question, grants) =>
    grants.map(({ position }) => {
      if (position === 3) return { excluded: 'third' };
      const others = position === 2 ? Array.from({ length: ROWS_OF_ONE - 1 }, (_, row) => [position, row + 1]) : [];
      return { rows: [[position, 0], ...others] };
    }),
});

async function batchesAfter(bookmark: string | null): Promise<RowBatch[]> {
  const batches: RowBatch[] = [];
  for await (const batch of report.rows(source, askedOf([], { knownAt: GRANTS }), bookmark)) batches.push(batch);
  return batches;
}

const rowsIn = (batches: readonly RowBatch[]) => batches.flatMap(({ rows }) => rows.map(String));
const countedIn = (batches: readonly RowBatch[], name: string) =>
  batches.reduce((sum, { counts }) => sum + (counts[name] ?? 0), 0);

describe('a report about grants', () => {
  it('comes in batches of bounded size, with every row once and every grant counted once', async () => {
    const batches = await batchesAfter(null);
    expect(batches.every(({ rows, progress }) => rows.length <= ROWS_PER_BATCH && progress <= 1)).toBe(true);
    const rows = rowsIn(batches);
    expect([rows.length, new Set(rows).size]).toEqual([GRANTS - 2 + ROWS_OF_ONE, rows.length]);
    expect([countedIn(batches, 'listed.grants'), countedIn(batches, 'excluded.third')]).toEqual([GRANTS - 1, 1]);
  });

  it('goes on from every bookmark with what would have followed, rows and counts', async () => {
    const batches = await batchesAfter(null);
    expect(batches.length).toBeGreaterThan(4);
    for (const [index, { bookmark }] of batches.entries()) {
      const [rest, expected] = [await batchesAfter(bookmark), batches.slice(index + 1)];
      expect(rowsIn(rest)).toEqual(rowsIn(expected));
      expect(countedIn(rest, 'listed.grants')).toBe(countedIn(expected, 'listed.grants'));
    }
  });

  it('takes no bookmark that is none', () =>
    expect(batchesAfter("1:' or true:0")).rejects.toThrow('This is no bookmark of a report about grants.'));
});
