import { type Html, html } from '#libs/html';
import { WITHHELD } from '#libs/read-model';
import type { Cell, Column, ReportRow } from '../column.js';
import { documentAround, lineList } from './document.js';
import { grouped, questionInWords, readable } from './question-in-words.js';
import type { ReportedKind, ReportFormat } from './report-format.js';
import { withinLimits } from './within-limits.js';

/** A document is for reading: beyond this, programs that show it become slow, and paper comes by the crate. */
const ROWS_MAX = 20_000;

/** Most columns beside each other that can be read on A4; more go on in lines below. */
const COLUMNS_PER_LINE = 10;

const ZERO_WIDTH_SPACE = '\\200b ';

/** What stands in for a value rather than being one. */
const STAND_INS: ReadonlySet<Cell> = new Set([WITHHELD, '[erased]']);

/**
 * A document that is complete in itself and prints on A4: what was asked, the rows, what each column says. A kind with more columns than fit
 * on paper has several lines for each row, and every value bears the name of its column.
 */
export const htmlFormat: ReportFormat = {
  name: 'html',
  mediaType: 'text/html; charset=utf-8',
  rowsMax: ROWS_MAX,
  async *render(kind, question, batches) {
    const lines = columnLines(kind.columns);
    const style = lines.length > 1 ? namesBesideValues(lines) : '';
    const [beginning, end] = documentAround({ title: `${kind.title} · ${question.tenant}`, paper: 'landscape', style });
    yield bytes(beginning, head(kind), lineList(questionInWords(kind.about, question)), tableHead(lines));
    let written = 0;
    for await (const rows of withinLimits(htmlFormat, kind, batches)) {
      yield bytes(...rows.map((row) => record(lines, row)));
      written += rows.length;
    }
    yield bytes(html`</table>\n`, tail(kind, written), end);
  },
};

/** A column, with its place in the row. */
type Placed = Column & { readonly at: number };

/** The columns, in as many lines as they need, about equally many in each. */
function columnLines(columns: readonly Column[]): readonly (readonly Placed[])[] {
  const placed = columns.map((column, at) => ({ ...column, at }));
  const width = Math.ceil(columns.length / Math.ceil(columns.length / COLUMNS_PER_LINE));
  return Array.from({ length: Math.ceil(columns.length / width) }, (_, line) =>
    placed.slice(line * width, (line + 1) * width),
  );
}

/** Said once, in the style, rather than with every value. Names are letters and digits, and may break before a capital. */
function namesBesideValues(lines: readonly (readonly Placed[])[]): string {
  const rules = lines.flatMap((line, row) =>
    line.map(
      ({ name }, at) =>
        `tr:nth-child(${row + 1})>td:nth-child(${at + 1})::before{content:"${name.replace(/(?=[A-Z])/g, ZERO_WIDTH_SPACE)}"}`,
    ),
  );
  return `
.rows{table-layout:fixed}.rows thead th{border-bottom:0;padding-bottom:0}.rows tbody td{padding-block:.15rem;text-align:left}.rows tr:first-child>td{padding-top:.35rem}.rows tr:last-child>td{padding-bottom:.35rem}
.rows tbody td::before{display:block;color:var(--muted);font-size:.8em;line-height:1.2;overflow-wrap:normal}
.rows thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
${rules.map((rule) => `.rows tbody ${rule}`).join('')}`;
}

function head({ title, answers, kind, version }: ReportedKind): Html {
  return html`<h1>${title}</h1>\n<p>${answers} <span class="muted">Report <code>${kind}</code>, version ${version}.</span></p>\n`;
}

function tableHead(lines: readonly (readonly Placed[])[]): Html {
  const rows = lines.map(
    (line) => html`<tr>${line.map(({ name, type }) => html`<th scope="col"${numeric(type)}>${name}</th>`)}</tr>\n`,
  );
  return html`<table class="rows">\n<thead>\n${rows}</thead>\n`;
}

function record(lines: readonly (readonly Placed[])[], row: ReportRow): Html {
  const widest = lines[0]?.length ?? 0;
  const cells = (line: readonly Placed[]) =>
    line.map(({ at, type }, place) => {
      const over = place === line.length - 1 && line.length < widest && html` colspan="${widest - place}"`;
      return html`<td${numeric(type)}${over}>${shown(row[at] ?? null, type)}</td>`;
    });
  return html`<tbody>${lines.map((line) => html`<tr>${cells(line)}</tr>\n`)}</tbody>\n`;
}

const numeric = (type: Column['type']) => (type === 'integer' || type === 'decimal') && html` class="number"`;

function shown(cell: Cell, type: Column['type']): Html | string {
  if (cell === null) return '';
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no';
  if (STAND_INS.has(cell)) return html`<span class="none">${String(cell)}</span>`;
  if (typeof cell === 'object') return cell.join('; ');
  return type === 'instant' ? readable(String(cell)) : String(cell);
}

function tail({ columns }: ReportedKind, rows: number): Html {
  return html`<p class="end">${grouped(rows)} ${rows === 1 ? 'row' : 'rows'}: end of the report. Instants are in UTC.</p>
<h2>What the columns say</h2>
${lineList(columns.map(({ name, means }) => [name, means]))}`;
}

const bytes = (...parts: readonly Html[]): Buffer => Buffer.from(parts.join(''));
