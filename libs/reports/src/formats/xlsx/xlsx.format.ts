import type { ReportRow } from '../../column.js';
import type { ReportedKind, ReportFormat, RowBatches } from '../report-format.js';
import { withinLimits } from '../within-limits.js';
import { ABOUT, aboutSheet } from './about-sheet.js';
import { columnWidths, ROWS_MEASURED } from './column-widths.js';
import { columnLetters, dataRow, textCell } from './sheet-cells.js';
import {
  CONTENT_TYPES,
  PACKAGE_RELATIONS,
  pagesWide,
  STYLE,
  STYLES,
  sheetBeginning,
  sheetEnd,
  WORKBOOK_RELATIONS,
  workbookXml,
} from './workbook-parts.js';
import { zip } from './zip.js';

/** A sheet has 1,048,576 lines, and one is the head. (Excel's specifications and limits) */
const ROWS_MAX = 1_048_575;

/**
 * A workbook of two sheets: the rows, under a head that stays and filters, typed; and what was asked, with the meaning of each column.
 * (ECMA-376)
 */
export const xlsxFormat: ReportFormat = {
  name: 'xlsx',
  mediaType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  rowsMax: ROWS_MAX,
  render(kind, question, batches) {
    const letters = kind.columns.map((_, at) => columnLetters(at));
    const about = aboutSheet(kind, question);
    const made = { rows: 0, pagesWide: 1 };
    const last = () => ({ column: letters.at(-1) ?? 'A', line: made.rows + 1 });
    return zip([
      part('[Content_Types].xml', CONTENT_TYPES),
      part('_rels/.rels', PACKAGE_RELATIONS),
      part('xl/_rels/workbook.xml.rels', WORKBOOK_RELATIONS),
      part('xl/styles.xml', STYLES),
      part('xl/worksheets/sheet2.xml', about.xml),
      {
        path: 'xl/worksheets/sheet1.xml',
        pieces: sheet(kind, letters, withinLimits(xlsxFormat, kind, batches), made),
      },
      {
        path: 'xl/workbook.xml',
        pieces: later(() =>
          workbookXml([
            { name: kind.kind, filtered: `$A$1:$${last().column}$${last().line}`, pagesWide: made.pagesWide },
            { name: ABOUT, filtered: `$A$1:$B$${about.lines}`, pagesWide: 1 },
          ]),
        ),
      },
    ]);
  },
};

/** The sheet of rows. @param made is told how many there were, and how wide they are on paper */
async function* sheet(
  { columns }: ReportedKind,
  letters: readonly string[],
  batches: RowBatches,
  made: { rows: number; pagesWide: number },
): AsyncGenerator<Buffer> {
  let widths: readonly number[] | undefined;
  for await (const rows of measuredFirst(batches)) {
    if (widths === undefined) {
      widths = columnWidths(columns, rows);
      made.pagesWide = pagesWide(widths);
      yield Buffer.from(sheetBeginning(widths) + headRow(columns, letters));
    }
    yield Buffer.from(rows.map((row, at) => dataRow(columns, letters, row, made.rows + at + 1)).join(''));
    made.rows += rows.length;
  }
  yield Buffer.from(sheetEnd(`A1:${letters.at(-1)}${made.rows + 1}`, made.pagesWide));
}

function headRow(columns: ReportedKind['columns'], letters: readonly string[]): string {
  const cells = columns.map(({ name }, at) => textCell(`${letters[at]}1`, STYLE.head, name));
  return `<row r="1">${cells.join('')}</row>`;
}

/** The same rows; first come exactly as many as are measured, or all if there are fewer, be it none. */
async function* measuredFirst(batches: RowBatches): AsyncGenerator<readonly ReportRow[]> {
  let first: ReportRow[] | undefined = [];
  for await (const rows of batches) {
    if (first === undefined) {
      yield rows;
      continue;
    }
    first.push(...rows);
    if (first.length < ROWS_MEASURED) continue;
    yield first.slice(0, ROWS_MEASURED);
    yield first.slice(ROWS_MEASURED);
    first = undefined;
  }
  if (first !== undefined) yield first;
}

function part(path: string, xml: string) {
  return { path, pieces: [Buffer.from(xml)] };
}

function* later(xml: () => string): Generator<Buffer> {
  yield Buffer.from(xml());
}
