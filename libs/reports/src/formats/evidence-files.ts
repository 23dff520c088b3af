import type { EvidenceSheet } from '../evidence.js';
import type { ReportKind } from '../report-kind.js';
import { evidencePage } from './evidence.page.js';

/**
 * The evidence sheet as two files: JSON for programs (`evidence.json`, two spaces, members in alphabetical order) and a page for people, that
 * prints (`evidence.html`). Equal sheets give equal bytes.
 */
export function renderSheet(
  sheet: EvidenceSheet,
  kind: Pick<ReportKind, 'about' | 'answers'>,
): { readonly json: Buffer; readonly html: Buffer } {
  return {
    json: Buffer.from(`${JSON.stringify(byName(sheet), null, 2)}\n`),
    html: Buffer.from(evidencePage(sheet, kind).toString()),
  };
}

/** The same, every object in it with its members in alphabetical order. */
function byName(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(byName);
  if (value === null || typeof value !== 'object') return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, byName(member)]));
}
