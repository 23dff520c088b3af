import type { Cell, ReportRow } from '../column.js';
import { ReportTooLargeError } from '../formats/formats.errors.js';
import { assertRowsFit } from '../formats/formats.js';
import { type Counts, type ReportKind, type ReportSource, ROWS_PER_BATCH, type RowBatch } from '../report-kind.js';
import type { JobRecord } from './job-record.js';
import type { ReportJob } from './report-job.js';
import { linesOf, packLines } from './row-chunks.js';

/** Most rows of a report, in any format. */
export const REPORT_ROWS_MAX = 50_000_000;

/** Of the whole work, the share that is gathering. */
const GATHERING_SHARE = 0.7;

/** What reads in place of what is known of an erased person. */
const ERASED = '[erased]';

/** Rows are kept at the latest after this, in milliseconds, however few they are: so that a cancelled job ends soon. */
const KEEP_AT_LATEST_MS = 1_000;

/** What gathering came to. */
export interface Gathered {
  readonly rows: number;
  readonly erased: number;
  readonly counts: Counts;
}

/** What gathering needs. */
export interface Gathering {
  readonly kind: Pick<ReportKind, 'rows'>;
  readonly source: ReportSource;
  readonly record: Pick<JobRecord, 'gathered'>;
  readonly signal: AbortSignal;
}

/** Rows that are not kept yet, and everything that was counted with them. */
interface Held extends Gathered {
  /** Lines of JSON: as bytes they are no burden to whoever collects garbage. */
  readonly pending: readonly Buffer[];
  /** How many rows they are. */
  readonly waiting: number;
  readonly bookmark: string | null;
  readonly progress: number;
}

/**
 * Collects the rows of a report, going on from where the job stands. Holds a few batches at a time.
 * @throws {ReportTooLargeError} as soon as no format that was asked for could hold the rows
 * @throws {JobEndedError} when the job was cancelled
 * @throws what the kind throws; and the reason of the signal, when it is aborted
 */
export async function gatherRows(job: ReportJob, { kind, source, record, signal }: Gathering): Promise<Gathered> {
  const { rows, erased, counts, bookmark } = job;
  let held: Held = { pending: [], waiting: 0, rows, erased, counts, bookmark, progress: 0 };
  let keptAt = performance.now();
  for await (const batch of kind.rows(source, job.question, bookmark)) {
    held = joined(held, batch);
    requireRoom(job, held.rows);
    if (held.waiting < ROWS_PER_BATCH && performance.now() - keptAt < KEEP_AT_LATEST_MS) continue;
    signal.throwIfAborted();
    held = await kept(held, record);
    keptAt = performance.now();
  }
  signal.throwIfAborted();
  return held.bookmark === bookmark ? held : kept(held, record);
}

function joined(held: Held, { rows, bookmark, counts, progress }: RowBatch): Held {
  return {
    pending: rows.length > 0 ? [...held.pending, linesOf(rows)] : held.pending,
    waiting: held.waiting + rows.length,
    bookmark,
    rows: held.rows + rows.length,
    erased: held.erased + erasedCells(rows),
    counts: sum(held.counts, counts),
    progress: GATHERING_SHARE * Math.min(1, Math.max(0, progress)),
  };
}

async function kept(held: Held, record: Gathering['record']): Promise<Held> {
  const { pending, waiting, bookmark, ...rest } = held;
  if (bookmark === null) return held;
  await record.gathered({ ...rest, bookmark, packed: waiting > 0 ? packLines(pending) : null });
  return { ...held, pending: [], waiting: 0 };
}

/** While one format could still take them, the rows go on: it is asked again when its file is written. */
function requireRoom({ formats }: Pick<ReportJob, 'formats'>, rows: number): void {
  if (rows > REPORT_ROWS_MAX) throw new ReportTooLargeError(formats[0] ?? 'csv', rows, REPORT_ROWS_MAX);
  const refusals = formats.map((format) => refusalOf(() => assertRowsFit(format, rows)));
  if (refusals.every((refusal) => refusal !== null)) throw refusals[0];
}

function refusalOf(check: () => void): unknown {
  try {
    check();
    return null;
  } catch (refusal) {
    return refusal;
  }
}

function erasedCells(rows: readonly ReportRow[]): number {
  return rows.reduce((cells, row) => cells + row.filter(isErased).length, 0);
}

const isErased = (cell: Cell): boolean => cell === ERASED || (Array.isArray(cell) && cell.includes(ERASED));

function sum(counts: Counts, more: Counts): Counts {
  const all: Record<string, number> = { ...counts };
  for (const [name, count] of Object.entries(more)) all[name] = (all[name] ?? 0) + count;
  return all;
}
