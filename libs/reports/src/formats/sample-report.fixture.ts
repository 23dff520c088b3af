import { buffer } from 'node:stream/consumers';
import type { ReportRow } from '../column.js';
import type { Question } from '../question.js';
import type { ReportedKind, ReportFormat, RowBatches } from './report-format.js';

/** A kind with a column of every type. */
export const VISITS: ReportedKind = {
  kind: 'visits',
  version: 3,
  title: 'Visits',
  answers: 'Who came, when, and with whom?',
  about: 'period',
  columns: [
    { name: 'guest', type: 'text', means: 'Name of the guest.', personal: true },
    { name: 'count', type: 'integer', means: 'Visits so far.' },
    { name: 'share', type: 'decimal', means: 'Share of all visits, in per cent.' },
    { name: 'welcome', type: 'boolean', means: 'Whether the guest was let in.' },
    { name: 'cameAt', type: 'instant', means: 'When the guest came.' },
    { name: 'with', type: 'list', means: 'Who came along; empty for nobody.' },
  ],
};

/** A row of every type. */
export const ADA: ReportRow = ['Ada', 12, 0.5, true, '2026-06-30T21:59:59.999Z', ['Bob', 'Eve']];
/** A row without values. */
export const NOBODY: ReportRow = [null, null, null, null, null, null];

/** What the samples were asked. */
export const JUNE: Question = {
  tenant: 'acme',
  asOf: '2026-06-30T21:59:59.999Z',
  from: '2026-05-31T21:59:59.999Z',
  knownAt: 123_456,
  timeZone: 'Europe/Berlin',
  filter: { role: 'crm.reader', privileged: true },
  personal: true,
};

/** A kind of one column of text. */
export const NOTES: ReportedKind = {
  ...VISITS,
  kind: 'notes',
  columns: [{ name: 'note', type: 'text', means: 'What was noted.' }],
};

/** Rows in batches of a size. */
export async function* batchesOf(rows: readonly ReportRow[], size = 1_000): RowBatches & AsyncGenerator<ReportRow[]> {
  for (let at = 0; at < rows.length; at += size) yield rows.slice(at, at + size);
}

/** The file of some rows. */
export async function fileOf(
  format: ReportFormat,
  rows: readonly ReportRow[],
  kind: ReportedKind = VISITS,
  size?: number,
): Promise<Buffer> {
  return buffer(format.render(kind, JUNE, batchesOf(rows, size)));
}
