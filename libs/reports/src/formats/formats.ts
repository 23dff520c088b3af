import { csvFormat } from './csv.format.js';
import { ReportTooLargeError } from './formats.errors.js';
import { htmlFormat } from './html.format.js';
import { jsonFormat } from './json.format.js';
import type { ReportFormat, ReportFormatName } from './report-format.js';
import { xlsxFormat } from './xlsx/xlsx.format.js';

/** Every format by its name. */
export const FORMATS: Readonly<Record<ReportFormatName, ReportFormat>> = {
  csv: csvFormat,
  xlsx: xlsxFormat,
  json: jsonFormat,
  html: htmlFormat,
};

/** What the file of a report is called. */
export function fileNameOf(kind: string, format: ReportFormatName): string {
  return `${kind}.${format}`;
}

/** @throws {ReportTooLargeError} when a file of this format cannot hold that many rows */
export function assertRowsFit(format: ReportFormatName, rows: number): void {
  const { rowsMax } = FORMATS[format];
  if (rows > rowsMax) throw new ReportTooLargeError(format, rows, rowsMax);
}
