import type { ReportedKind, ReportFormat } from './report-format.js';
import { withinLimits } from './within-limits.js';

/**
 * `{"kind", "version", "columns": [{"name", "type"}], "rows": [{…}]}` in UTF-8, one row per line, its cells by the names of the columns in
 * their order; null where there is none, lists as lists. Lone surrogates are written as escapes. (RFC 8259)
 */
export const jsonFormat: ReportFormat = {
  name: 'json',
  mediaType: 'application/json',
  rowsMax: Number.POSITIVE_INFINITY,
  async *render(kind, _question, batches) {
    const names = kind.columns.map(({ name }) => `${JSON.stringify(name)}:`);
    yield Buffer.from(beginning(kind));
    let written = 0;
    for await (const rows of withinLimits(jsonFormat, kind, batches)) {
      const lines = rows.map((row) => `{${row.map((cell, at) => names[at] + JSON.stringify(cell)).join(',')}}`);
      if (lines.length > 0) yield Buffer.from((written > 0 ? ',\n' : '\n') + lines.join(',\n'));
      written += rows.length;
    }
    yield Buffer.from('\n]}\n');
  },
};

function beginning({ kind, version, columns }: ReportedKind): string {
  const head = JSON.stringify({ kind, version, columns: columns.map(({ name, type }) => ({ name, type })), rows: [] });
  return head.slice(0, -']}'.length);
}
