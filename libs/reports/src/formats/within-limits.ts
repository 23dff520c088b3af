import type { ReportRow } from '../column.js';
import { ReportTooLargeError } from './formats.errors.js';
import type { ReportedKind, ReportFormat, RowBatches } from './report-format.js';

/** Rows written at a time: more make texts so long that they outlive many collections of garbage. */
const ROWS_AT_A_TIME = 100;

/** The same rows, a few at a time, as long as they are as many and as wide as they may be. */
export async function* withinLimits(
  { name, rowsMax }: Pick<ReportFormat, 'name' | 'rowsMax'>,
  { kind, columns }: Pick<ReportedKind, 'kind' | 'columns'>,
  batches: RowBatches,
): AsyncGenerator<readonly ReportRow[]> {
  let seen = 0;
  for await (const rows of batches) {
    const misfit = rows.findIndex((row) => row.length !== columns.length);
    if (misfit >= 0)
      throw new TypeError(
        `Row ${seen + misfit + 1} of ${kind} has ${rows[misfit]?.length} cells for ${columns.length} columns.`,
      );
    seen += rows.length;
    if (seen > rowsMax) throw new ReportTooLargeError(name, seen, rowsMax);
    for (let at = 0; at < rows.length; at += ROWS_AT_A_TIME) yield rows.slice(at, at + ROWS_AT_A_TIME);
  }
}
