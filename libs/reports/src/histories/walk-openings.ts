import type { ReportRow } from '../column.js';
import type { Question } from '../question.js';
import { type Counts, type ReportSource, ROWS_PER_BATCH, type RowBatch } from '../report-kind.js';
import { findOpenings, type Opening, type Openings } from './openings.queries.js';
import { Tally } from './tally.js';

/** What one thing adds to a report. */
export interface Part {
  /** Where it stands in the report's order; goes on after it. */
  readonly bookmark: string;
  readonly rows: readonly ReportRow[];
  readonly counts: Counts;
  readonly progress: number;
}

/** Things that are looked at together: each of them may need a stream to be read. */
export const OPENINGS_AT_ONCE = 200;

/** What comes of one opening. */
export interface PartOfOpening extends Pick<Part, 'rows' | 'counts'> {
  readonly position: number;
}

/**
 * Walks through what began, in the order of the log, some at a time, and packs what comes of it into batches.
 * @param after bookmark of the last batch taken, a position; null begins
 */
export async function* walkOpenings(
  { database }: Pick<ReportSource, 'database'>,
  question: Question,
  openings: Openings & { readonly after: string | null },
  partsOf: (page: readonly Opening[]) => Promise<readonly PartOfOpening[]>,
): AsyncGenerator<RowBatch> {
  const length = question.knownAt + 1;
  for (let after = Number(openings.after ?? -1), more = true; more; ) {
    const page = await findOpenings(database, question, openings, { after, limit: OPENINGS_AT_ONCE });
    const parts = await partsOf(page);
    yield* packed(
      parts.map(({ position, ...part }) => ({
        ...part,
        bookmark: String(position),
        progress: (position + 1) / length,
      })),
    );
    after = page.at(-1)?.position ?? after;
    more = page.length === OPENINGS_AT_ONCE;
  }
}

/** Puts parts together to batches of at most `ROWS_PER_BATCH` rows; a part is never divided. */
export function* packed(parts: Iterable<Part>): Generator<RowBatch> {
  let waiting: Part[] = [];
  let rows = 0;
  for (const part of parts) {
    if (rows + part.rows.length > ROWS_PER_BATCH && waiting.length > 0) {
      yield batchOf(waiting);
      [waiting, rows] = [[], 0];
    }
    waiting.push(part);
    rows += part.rows.length;
  }
  if (waiting.length > 0) yield batchOf(waiting);
}

function batchOf(parts: readonly Part[]): RowBatch {
  const tally = new Tally();
  for (const { counts } of parts) tally.addAll(counts);
  const { bookmark, progress } = parts.at(-1) as Part;
  return { rows: parts.flatMap((part) => part.rows), bookmark, counts: tally.counts, progress };
}
