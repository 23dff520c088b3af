import { DomainError } from '#libs/kernel';
import type { ReportFormatName } from './report-format.js';

/** The report has more rows than a file of this format can hold. */
export class ReportTooLargeError extends DomainError {
  readonly code = 'report-too-large';
  readonly kind = 'tooLarge';
  override readonly details: { readonly format: ReportFormatName; readonly rows: number; readonly limit: number };
  constructor(format: ReportFormatName, rows: number, limit: number) {
    super(
      `The report has ${rows} rows or more, and at most ${limit} can be had as ${format}. Narrow it by a filter or a shorter period, or ask for csv or json, which hold the most.`,
    );
    this.details = { format, rows, limit };
  }
}

/** A text is longer than a cell of this format may be; it is not shortened, since nobody would notice. */
export class CellTooLongError extends DomainError {
  readonly code = 'report-cell-too-long';
  readonly kind = 'tooLarge';
  override readonly details: { readonly row: number; readonly column: string; readonly limit: number };
  /** @param row its number in the report, from 1 */
  constructor(row: number, column: string, characters: number, limit: number) {
    super(
      `Row ${row} has ${characters} characters in the column ${column}, and a cell of a spreadsheet holds at most ${limit}. Ask for csv, json or html.`,
    );
    this.details = { row, column, limit };
  }
}
