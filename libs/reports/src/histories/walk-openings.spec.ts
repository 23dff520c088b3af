import { ROWS_PER_BATCH } from '../report-kind.js';
import { type Part, packed } from './walk-openings.js';

/** Goal: what a job holds in memory has a limit, and no thing is torn apart between two bookmarks. */

const part = (bookmark: string, rows: number): Part => ({
  bookmark,
  rows: Array.from({ length: rows }, (_, n) => [`${bookmark} ${n}`]),
  counts: { things: 1, rows },
  progress: 0.5,
});

it('fills batches up to the limit, each with the bookmark of its last part and all that was counted', () => {
  const batches = [...packed([part('a', 600), part('b', 400), part('c', 1), part('d', 0)])];

  expect(batches.map(({ rows, bookmark, counts }) => [rows.length, bookmark, counts])).toEqual([
    [ROWS_PER_BATCH, 'b', { things: 2, rows: 1_000 }],
    [1, 'd', { things: 2, rows: 1 }],
  ]);
});

it('makes a batch of what has no rows, for what it counts', () =>
  expect([...packed([part('a', 0)])]).toMatchObject([{ rows: [], counts: { things: 1 } }]));

it('makes none of nothing', () => expect([...packed([])]).toEqual([]));
