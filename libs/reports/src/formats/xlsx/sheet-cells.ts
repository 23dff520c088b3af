import type { Cell, Column, ReportRow } from '../../column.js';
import { CellTooLongError } from '../formats.errors.js';
import { couldBecomeFormula } from '../formula-guard.js';
import { STYLE } from './workbook-parts.js';
import { xlsxText } from './xlsx-text.js';

/** Most characters of a cell, in UTF-16 units. (Excel's specifications and limits) */
export const CELL_CHARACTERS_MAX = 32_767;

/** Days from the origin of spreadsheet dates to 1970. They begin in March 1900: before, spreadsheets count a day that never was. */
const EPOCH_DAYS = 25_569;
const DAY_MS = 86_400_000;
const DATES_FROM = '1900-03-01';

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** `A`, `B`, … `Z`, `AA`, … @param at from 0 */
export function columnLetters(at: number): string {
  const letter = String.fromCharCode(65 + (at % 26));
  return at < 26 ? letter : columnLetters(Math.floor(at / 26) - 1) + letter;
}

/**
 * A row of data: numbers, true and false, and instants as such, everything else as text that stands in the cell itself. A formula cannot
 * come of it: there is no element for one, and what looks like one keeps its mark as text when somebody edits it.
 * @param number of the row in the report, from 1
 * @throws {CellTooLongError}
 */
export function dataRow(
  columns: readonly Column[],
  letters: readonly string[],
  row: ReportRow,
  number: number,
): string {
  const line = number + 1;
  const cells = row.map((cell, at) => {
    if (cell === null) return '';
    const text = typeof cell === 'object' ? cell.join('; ') : cell;
    if (typeof text === 'string' && text.length > CELL_CHARACTERS_MAX)
      throw new CellTooLongError(number, columns[at]?.name ?? '', text.length, CELL_CHARACTERS_MAX);
    return valueCell(`${letters[at]}${line}`, columns[at]?.type, text);
  });
  return `<row r="${line}">${cells.join('')}</row>`;
}

/** A cell that holds a text in a style. @param at its place, such as `A1` */
export function textCell(at: string, style: number, text: string): string {
  return `<c r="${at}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${xlsxText(text)}</t></is></c>`;
}

function valueCell(
  at: string,
  type: Column['type'] | undefined,
  value: Exclude<Cell, null | readonly string[]>,
): string {
  if (typeof value === 'number') return `<c r="${at}" s="${STYLE.number}"><v>${value}</v></c>`;
  if (typeof value === 'boolean') return `<c r="${at}" s="${STYLE.boolean}" t="b"><v>${value ? 1 : 0}</v></c>`;
  if (type === 'instant' && INSTANT.test(value) && value >= DATES_FROM)
    return `<c r="${at}" s="${STYLE.instant}"><v>${Date.parse(value) / DAY_MS + EPOCH_DAYS}</v></c>`;
  return textCell(at, couldBecomeFormula(value) ? STYLE.guardedText : STYLE.text, value);
}
