import { type Html, type HtmlValue, html } from '#libs/html';
import { WITHHELD } from '#libs/read-model';
import type { Cell, Column, ReportRow } from '../column.js';
import { readable } from './question-in-words.js';

/** Most columns beside each other that can be read on A4; more go on in lines below. */
const COLUMNS_PER_LINE = 10;

/** Characters from which on a value has a line of its own: in a narrow column it would run down the page. */
const LONG_FROM = 70;

/** Characters without a space or hyphen from which on a word may not fit into a column. */
const UNBROKEN = /[^\s-]{15,}/;
/** Where such a word is broken rather than anywhere. */
const BREAKS = /(?<=[a-z])(?=[A-Z])|(?=@)|(?<=[/:=_])/;

const ZERO_WIDTH_SPACE = '\\200b ';
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** What stands in for a value rather than being one. */
const STAND_INS: ReadonlySet<Cell> = new Set([WITHHELD, '[erased]']);

/** A column, with its place in the row. */
type Placed = Column & { readonly at: number };
type Line = readonly Placed[];

/** How the rows of a kind lie on a page. */
export interface RecordLines {
  /** Style of this kind alone; made from the names of its columns, which are letters and digits. */
  readonly style: string;
  readonly head: Html;
  record(row: ReportRow): Html;
}

/**
 * Lays out the rows of a report for reading: as a table where the columns fit on paper beside each other, otherwise in several lines for each
 * row, every value under the name of its column. Then lines without a value are left out, and a long value has a line of its own.
 */
export function recordLines(columns: readonly Column[]): RecordLines {
  const lines = linesOf(columns);
  const several = lines.length > 1;
  return {
    style: several ? namesOverValues(lines) : '',
    head: tableHead(lines),
    record: several
      ? (row) => severalLines(lines, row)
      : (row) => html`<tbody><tr>${lines[0]?.map((column) => cell(column, row))}</tr>\n</tbody>\n`,
  };
}

/** The columns, in as many lines as they need, about equally many in each. */
function linesOf(columns: readonly Column[]): readonly Line[] {
  const placed = columns.map((column, at) => ({ ...column, at }));
  const width = Math.ceil(columns.length / Math.ceil(columns.length / COLUMNS_PER_LINE));
  return Array.from({ length: Math.ceil(columns.length / width) }, (_, line) =>
    placed.slice(line * width, (line + 1) * width),
  );
}

/** Names are said once, in the style, rather than with every value, and may break before a capital. */
function namesOverValues(lines: readonly Line[]): string {
  const rules = lines.flatMap((line, number) =>
    line.map(
      ({ name }, at) =>
        `.rows .l${number + 1}>td:nth-child(${at + 1})::before{content:"${name.replace(/(?=[A-Z])/g, ZERO_WIDTH_SPACE)}"}`,
    ),
  );
  return `
.rows{table-layout:fixed}.rows thead th{border-bottom:0;padding-bottom:0}.rows tbody td{padding-block:.15rem;text-align:left}.rows tr:first-child>td{padding-top:.35rem}.rows tr:last-child>td{padding-bottom:.35rem}
.rows tbody td::before,.rows .name{display:block;color:var(--muted);font-size:.8em;line-height:1.2;overflow-wrap:normal}
.rows thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
${rules.join('')}`;
}

function tableHead(lines: readonly Line[]): Html {
  const rows = lines.map(
    (line) => html`<tr>${line.map(({ name, type }) => html`<th scope="col"${numeric(type)}>${name}</th>`)}</tr>\n`,
  );
  return html`<table class="rows">\n<thead>\n${rows}</thead>\n`;
}

function severalLines(lines: readonly Line[], row: ReportRow): Html {
  const widest = lines[0]?.length ?? 0;
  const long = lines.flat().filter((column) => isLong(column, row));
  const short = lines.map((line, number) => {
    if (number > 0 && line.every(({ at }) => (row[at] ?? null) === null)) return false;
    const rest = widest - line.length;
    const cells = line.map((column, at) => {
      const over = at === line.length - 1 && rest > 0 && html` colspan="${rest + 1}"`;
      return long.includes(column) ? html`<td${over}><span class="none">below</span></td>` : cell(column, row, over);
    });
    return html`<tr class="l${number + 1}">${cells}</tr>\n`;
  });
  const below = long.map(
    ({ name, type, at }) =>
      html`<tr><td colspan="${widest}"><span class="name">${name}</span>${shown(row[at] ?? null, type)}</td></tr>\n`,
  );
  return html`<tbody>${short}${below}</tbody>\n`;
}

function cell({ at, type }: Placed, row: ReportRow, over: Html | false = false): Html {
  return html`<td${numeric(type)}${over}>${shown(row[at] ?? null, type)}</td>`;
}

const numeric = (type: Column['type']) => (type === 'integer' || type === 'decimal') && html` class="number"`;

const isLong = ({ at, type }: Placed, row: ReportRow) => wordsOf(row[at] ?? null, type).length >= LONG_FROM;

function shown(value: Cell, type: Column['type']): HtmlValue {
  const words = wordsOf(value, type);
  return STAND_INS.has(value) ? html`<span class="none">${words}</span>` : breakable(words);
}

/** A value as people read it; empty where there is none. */
export function wordsOf(value: Cell, type: Column['type']): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'object') return value.map((one) => wordsOf(one, type)).join('; ');
  const text = String(value);
  return type === 'instant' || INSTANT.test(text) ? readable(text) : text;
}

/** The same text, in which long words break where people would break them. */
function breakable(text: string): HtmlValue {
  if (!UNBROKEN.test(text)) return text;
  return text.split(/(?<=\s)/).map((word) => (UNBROKEN.test(word) ? html`${parted(word)}` : word));
}

const parted = (word: string): HtmlValue =>
  word.split(BREAKS).map((part, at) => (at === 0 ? part : html`<wbr>${part}`));
