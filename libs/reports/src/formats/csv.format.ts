import type { Cell, ReportRow } from '../column.js';
import { guarded } from './formula-guard.js';
import type { ReportFormat } from './report-format.js';
import { withinLimits } from './within-limits.js';

/** Between the texts of a list. */
const BETWEEN = '; ';

/** What has to stand in quotation marks: also what only some readers take for the end of a field or line. (RFC 4180, 2.5 to 2.7) */
const IN_QUOTES = /[",;\t\r\n]|^$|^\s|\s$/;

/** The few texts that are not written as they are; one look at each of many millions has to do. */
const NOT_PLAIN = /[",;\t\r\n\0]|^$|^[\s'=+\-@＝＋－＠]|\s$/;

/**
 * RFC 4180 in UTF-8 without a byte-order mark: lines end in CRLF, the first has the names of the columns. Nothing between two commas is no
 * value, `""` is the empty text. Lists are joined by `; `; texts and lists are {@link guarded} against becoming formulas. What UTF-8 cannot
 * hold (a lone surrogate) is U+FFFD.
 */
export const csvFormat: ReportFormat = {
  name: 'csv',
  mediaType: 'text/csv; charset=utf-8; header=present',
  rowsMax: Number.POSITIVE_INFINITY,
  async *render(kind, _question, batches) {
    yield lines([kind.columns.map(({ name }) => name)]);
    for await (const rows of withinLimits(csvFormat, kind, batches)) if (rows.length > 0) yield lines(rows);
  },
};

function lines(rows: readonly ReportRow[]): Buffer {
  return Buffer.from(rows.map((row) => `${row.map(csvCell).join(',')}\r\n`).join(''));
}

/** One field, as it stands in the file. */
export function csvCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number' || typeof cell === 'boolean') return String(cell);
  const text = typeof cell === 'string' ? cell : cell.join(BETWEEN);
  if (!NOT_PLAIN.test(text)) return text;
  const safe = guarded(text);
  return IN_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
