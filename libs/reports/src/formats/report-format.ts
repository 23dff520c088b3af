import type { REPORT_FORMATS } from '#libs/contracts';
import type { ReportRow } from '../column.js';
import type { Question } from '../question.js';
import type { ReportKind } from '../report-kind.js';

/** In what a report can be had. */
export type ReportFormatName = (typeof REPORT_FORMATS)[number];

/** What a file says of the kind of report that it holds. */
export type ReportedKind = Pick<ReportKind, 'kind' | 'version' | 'title' | 'answers' | 'about' | 'columns'>;

/** Rows in the report's order, in batches of any size; batches leave no trace in a file. */
export type RowBatches = AsyncIterable<readonly ReportRow[]>;

/** Makes a file of rows. */
export interface ReportFormat {
  readonly name: ReportFormatName;
  /** For `Content-Type`. */
  readonly mediaType: string;
  /** Most rows of one file; `Infinity` where there is no limit. */
  readonly rowsMax: number;
  /**
   * The bytes of the file, in pieces of any size: a batch of rows is read when the bytes of the one before have been taken, and no more than
   * a few batches are held. Equal arguments give equal bytes. Who stops taking them closes `rows`.
   * @throws {ReportTooLargeError} at the first row beyond `rowsMax`
   * @throws {CellTooLongError} when the format cannot hold a text
   * @throws {TypeError} when a row has more or fewer cells than the kind has columns
   */
  render(kind: ReportedKind, question: Question, rows: RowBatches): AsyncIterable<Buffer>;
}
