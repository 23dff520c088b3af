import { type Html, type HtmlValue, html } from '#libs/html';
import { grouped, many } from '../number-words.js';
import { documentAround, lineList } from './document.js';
import { questionInWords } from './question-in-words.js';
import { recordLines } from './record-lines.js';
import type { ReportedKind, ReportFormat } from './report-format.js';
import { withinLimits } from './within-limits.js';

/** A document is for reading: beyond this, programs that show it become slow, and paper comes by the crate. */
const ROWS_MAX = 20_000;

/**
 * A document that is complete in itself and prints on A4: what was asked, the rows, what each column says.
 */
export const htmlFormat: ReportFormat = {
  name: 'html',
  mediaType: 'text/html; charset=utf-8',
  rowsMax: ROWS_MAX,
  async *render(kind, question, batches) {
    const lines = recordLines(kind.columns);
    const title = `${kind.title} · ${question.tenant}`;
    const [beginning, end] = documentAround({ title, paper: 'landscape', style: lines.style });
    yield bytes(beginning, head(kind), lineList(questionInWords(kind.about, question)), lines.head);
    let written = 0;
    for await (const rows of withinLimits(htmlFormat, kind, batches)) {
      yield bytes(...rows.map(lines.record));
      written += rows.length;
    }
    yield bytes(html`</table>\n`, tail(kind, written), end);
  },
};

function head({ title, answers, kind, version }: ReportedKind): Html {
  return html`<h1>${title}</h1>\n<p>${answers} <span class="muted">Report <code>${kind}</code>, version ${version}. The sheet of evidence that comes with it says whether everything is in it.</span></p>\n`;
}

function tail({ columns }: ReportedKind, rows: number): Html {
  return html`<p class="end">${many(rows, 'row', grouped)}: end of the report. Instants are in UTC. What has no value is empty, or left out.</p>
<h2>What the columns say</h2>
${lineList(columns.map(({ name, means }) => [name, withCode(means)]))}`;
}

/** Definitions mark values as Markdown does. */
const withCode = (means: string): HtmlValue =>
  means.split('`').map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : part));

const bytes = (...parts: readonly Html[]): Buffer => Buffer.from(parts.join(''));
