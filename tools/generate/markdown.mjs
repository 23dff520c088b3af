/** A table; cells hold no line breaks, and a bar in a cell is a bar. */
export function table(heads, rows) {
  const line = (cells) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(heads), `|${heads.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

const cell = (text) =>
  String(text)
    .replace(/\s*\n\s*/g, ' ')
    .replaceAll('|', '\\|');

/** A page: blocks with a blank line between them. */
export const page = (...blocks) => `${blocks.filter((block) => block !== '').join('\n\n')}\n`;

/** Said at the top of every page that is made here. */
export const GENERATED = '<!-- Made by `npm run generate`. Change the sources it is made from, not this page. -->';
