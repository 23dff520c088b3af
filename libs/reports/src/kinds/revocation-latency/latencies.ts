import type { Cell, ReportRow } from '../../column.js';
import type { Question } from '../../question.js';
import type { KeptRows, ReportKind, ReportSource } from '../../report-kind.js';
import { TARGET_MS } from './percentiles.js';

/** How many rows took how long: milliseconds and their number, so that a million equal times take no more room than one. */
type Times = Map<number, number>;

/**
 * Percentiles by nearest rank over all rows with a time, and by effect: whoever sorts the column of times finds the same. Keeps each time
 * that occurs once, with how often it does: whole milliseconds, so most occur again and again.
 * @param kept the rows, where they are kept; else the report is walked over once more
 */
export async function latenciesIn(
  kind: ReportKind,
  source: ReportSource,
  question: Question,
  kept: KeptRows = () => walked(kind, source, question),
): Promise<Readonly<Record<string, Cell>>> {
  const { measured, unmeasured } = await collect(kind, kept());
  const effects = [...measured.keys()].sort();
  const all: Times = new Map();
  for (const times of measured.values()) for (const [ms, rows] of times) add(all, ms, rows);
  return {
    targetMs: TARGET_MS,
    measured: countIn([...all]),
    unmeasured,
    ...figures('', all),
    ...Object.assign({}, ...effects.map((effect) => figures(` ${effect}`, measured.get(effect) ?? new Map()))),
  };
}

async function* walked(kind: ReportKind, source: ReportSource, question: Question) {
  for await (const { rows } of kind.rows(source, { ...question, personal: false }, null)) yield rows;
}

async function collect({ columns }: Pick<ReportKind, 'columns'>, batches: AsyncIterable<readonly ReportRow[]>) {
  const effect = columns.findIndex(({ name }) => name === 'effect');
  const latency = columns.findIndex(({ name }) => name === 'latencyMs');
  const measured = new Map<string, Times>();
  let unmeasured = 0;
  for await (const rows of batches) {
    for (const row of rows) {
      const ms = row[latency];
      if (typeof ms === 'number') add(timesOf(measured, String(row[effect])), ms, 1);
      else unmeasured += 1;
    }
  }
  return { measured, unmeasured };
}

function timesOf(measured: Map<string, Times>, effect: string): Times {
  const times = measured.get(effect) ?? new Map();
  measured.set(effect, times);
  return times;
}

function add(times: Times, ms: number, rows: number): void {
  times.set(ms, (times.get(ms) ?? 0) + rows);
}

function figures(of: string, times: Times): Readonly<Record<string, Cell>> {
  const ascending = [...times].sort(([one], [other]) => one - other);
  return {
    [`p50Ms${of}`]: nearestRank(ascending, 0.5),
    [`p95Ms${of}`]: nearestRank(ascending, 0.95),
    [`worstMs${of}`]: nearestRank(ascending, 1),
    [`breaches${of}`]: countIn(ascending.filter(([ms]) => ms > TARGET_MS)),
  };
}

/** Smallest time that at least this part of all rows does not exceed; null of none. */
function nearestRank(ascending: readonly (readonly [number, number])[], part: number): number | null {
  const rank = Math.max(1, Math.ceil(part * countIn(ascending)));
  let counted = 0;
  for (const [ms, rows] of ascending) {
    counted += rows;
    if (counted >= rank) return ms;
  }
  return null;
}

const countIn = (times: readonly (readonly [number, number])[]): number =>
  times.reduce((sum, [, rows]) => sum + rows, 0);
