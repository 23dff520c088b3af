/** Percentiles of many times, counted rather than kept. */
import type { ReportRow } from '../../column.js';
import type { Question } from '../../question.js';
import type { ReportKind, ReportSource } from '../../report-kind.js';
import { latenciesIn } from './latencies.js';

const SOURCE = {} as ReportSource;
const QUESTION = {} as Question;
const KIND = { columns: [{ name: 'effect' }, { name: 'latencyMs' }] } as unknown as ReportKind;

const of = (rows: readonly ReportRow[]) =>
  latenciesIn(KIND, SOURCE, QUESTION, async function* () {
    for (let at = 0; at < rows.length; at += 7) yield rows.slice(at, at + 7);
  });

/** Sorts all of them, as somebody would in a spreadsheet. */
const sorted = (times: readonly number[], part: number) =>
  [...times].sort((a, b) => a - b)[Math.max(0, Math.ceil(part * times.length) - 1)];

describe('the times of revocations', () => {
  it('are at each rank what sorting all rows gives', async () => {
    const times = Array.from({ length: 1_001 }, (_, nth) => (nth * 7_919) % 613);
    const figures = await of(times.map((ms, nth) => [nth % 3 === 0 ? 'revoked' : 'reduced', ms]));
    const revoked = times.filter((_, nth) => nth % 3 === 0);
    expect(figures).toMatchObject({
      measured: 1_001,
      p50Ms: sorted(times, 0.5),
      p95Ms: sorted(times, 0.95),
      worstMs: sorted(times, 1),
      'p50Ms revoked': sorted(revoked, 0.5),
      'p95Ms revoked': sorted(revoked, 0.95),
    });
  });

  it('count the breaches, and what has no time apart', async () =>
    expect(
      await of([
        ['revoked', 300_000],
        ['revoked', 300_001],
        ['revoked', 300_001],
        ['reduced', null],
      ]),
    ).toMatchObject({
      measured: 3,
      unmeasured: 1,
      breaches: 2,
      'breaches revoked': 2,
    }));

  it('of nothing are none', async () =>
    expect(await of([])).toEqual({
      targetMs: 300_000,
      measured: 0,
      unmeasured: 0,
      p50Ms: null,
      p95Ms: null,
      worstMs: null,
      breaches: 0,
    }));
});
