import { createHash, type Hash } from 'node:crypto';
import { DomainError } from '#libs/kernel';
import type { SealedRow } from '#libs/ledger';
import type { ReportSource } from '../report-kind.js';
import { exportLines } from './export-lines.js';
import { exportPages } from './export-pages.js';
import type { ExportFailure, ExportManifest, ExportQuery, Span } from './export-query.js';
import { storedEventsOf } from './stored-events.js';

/**
 * Exports a part of the sealed log as NDJSON, ascending, some whole lines at a time, each with its line feed. Holds at most 500 events at a
 * time and no transaction. The last line is `{"manifest": …}` if everything was written, otherwise `{"error": …}`: never nothing.
 * Going on after the `through` of one manifest gives what follows without overlap.
 */
export async function* exportLog(source: ReportSource, query: ExportQuery): AsyncIterable<string> {
  const tally = new Tally(query);
  try {
    for await (const page of exportPages(source.database, query)) {
      const events = await storedEventsOf(source, page.rows);
      const lines = await exportLines(source.reader, events, query.personal);
      if (lines.length > 0) yield tally.count(page.rows, lines);
      tally.missed(page.gaps);
    }
    yield `${JSON.stringify({ manifest: tally.manifest() })}\n`;
  } catch (error) {
    yield `${JSON.stringify({ error: failureOf(error, tally.last) })}\n`;
  }
}

/** What was written so far. */
class Tally {
  readonly #hash: Hash = createHash('sha256');
  #events = 0;
  #gaps = 0;
  #first: SealedRow | null = null;
  #last: SealedRow | null = null;

  constructor(private readonly query: ExportQuery) {}

  /** Position of the last event that was written. */
  get last(): number {
    return this.#last?.position ?? this.query.after;
  }

  /** @returns the lines as they are written */
  count(rows: readonly SealedRow[], lines: readonly string[]): string {
    const text = `${lines.join('\n')}\n`;
    this.#hash.update(text);
    this.#events += rows.length;
    this.#first ??= rows[0] ?? null;
    this.#last = rows.at(-1) ?? this.#last;
    return text;
  }

  missed(gaps: number): void {
    this.#gaps += gaps;
  }

  manifest(): ExportManifest {
    const { tenant, type, after, through, personal } = this.query;
    return {
      tenant,
      type,
      after,
      through,
      events: this.#events,
      positions: this.#span(({ position }) => position),
      tenantPositions: tenant === null ? null : this.#span(({ tenantPosition }) => tenantPosition),
      gaps: type === null ? this.#gaps : null,
      personal,
      sha256: this.#hash.digest('hex'),
    };
  }

  #span(numberOf: (row: SealedRow) => number): Span | null {
    return this.#first && this.#last ? { from: numberOf(this.#first), to: numberOf(this.#last) } : null;
  }
}

function failureOf(error: unknown, after: number): ExportFailure {
  const known = error instanceof DomainError;
  return {
    code: known ? error.code : 'internal-error',
    message: `${known ? error.message : 'Something went wrong here.'} The export stops after position ${after}; what came before is complete. Go on with after=${after}.`,
    after,
  };
}
