import type { Column, ReportRow } from '../column.js';
import type { ReportKind, RowBatch } from '../report-kind.js';

const COLUMNS: readonly Column[] = [
  { name: 'number', type: 'integer', means: 'Its number.' },
  { name: 'name', type: 'text', means: 'Its name.', personal: true },
];

/** Rows of one batch. */
export const BATCH = 1_000;

/** What a kind of report does in a test. */
export interface NumbersOptions {
  readonly rows?: number;
  /** Called before every batch with its number, from 0: may break off. */
  readonly before?: (batch: number) => void | Promise<void>;
  readonly name?: (row: number) => string;
}

/** A report of numbered rows, a thousand to a batch. For specs only. */
export function numbers({ rows = 2_500, before = () => undefined, name = nameOf }: NumbersOptions = {}): ReportKind {
  return {
    kind: 'access',
    version: 1,
    title: 'Numbers',
    answers: 'Which numbers are there?',
    about: 'instant',
    columns: COLUMNS,
    filters: [],
    async *rows(_source, _question, after): AsyncGenerator<RowBatch> {
      for (let at = after === null ? 0 : Number(after); at < rows; at += BATCH) {
        await before(at / BATCH);
        const upTo = Math.min(at + BATCH, rows);
        const batch = Array.from({ length: upTo - at }, (_, nth): ReportRow => [at + nth, name(at + nth)]);
        yield {
          rows: batch,
          bookmark: String(upTo),
          counts: { 'application.crm': batch.length },
          progress: upTo / rows,
        };
      }
    },
    population: async (_source, _question, listed) => [
      { of: 'numbers', recorded: rows, listed: listed.rows, excluded: {} },
    ],
  };
}

/** Long enough that the rows of a report fill several chunks of a file; every hundredth is erased. */
function nameOf(row: number): string {
  return row % 100 === 0 ? '[erased]' : `number ${row} `.repeat(16);
}
