import type { Question } from '../../question.js';
import { questionInWords } from '../question-in-words.js';
import type { ReportedKind } from '../report-format.js';
import { textCell } from './sheet-cells.js';
import { STYLE, sheetBeginning, sheetEnd } from './workbook-parts.js';

/** What the second sheet is called. */
export const ABOUT = 'about';

const WIDTHS = [24, 110];
/** Characters that surely fit into a line of the second column, and the height of a line, points. */
const LINE = { characters: 112, points: 13.5 };

/** The second sheet of a workbook: what was asked, and what each column of the first says. */
export function aboutSheet(kind: ReportedKind, question: Question): { readonly xml: string; readonly lines: number } {
  const lines = [
    ['About', 'What there is to know'],
    ['Report', `${kind.title} (${kind.kind}, version ${kind.version})`],
    ['Answers', kind.answers],
    ...questionInWords(kind.about, question),
    ...kind.columns.map(({ name, means }) => [`Column ${name}`, means.replaceAll('`', '')]),
  ] as const;
  const rows = lines.map(([about, words], at) => {
    const style = at === 0 ? STYLE.head : STYLE.wrapped;
    const row = at + 1;
    return `<row r="${row}"${heightFor(words)}>${textCell(`A${row}`, style, about)}${textCell(`B${row}`, style, words)}</row>`;
  });
  return {
    xml: sheetBeginning(WIDTHS) + rows.join('') + sheetEnd(`A1:B${rows.length}`, 1),
    lines: rows.length,
  };
}

/** Programs do not make room for what is wrapped by themselves. */
function heightFor(words: string): string {
  const lines = Math.ceil(words.length / LINE.characters);
  return lines > 1 ? ` ht="${lines * LINE.points}" customHeight="1"` : '';
}
