import type { EvidenceSheet } from '../evidence.js';
import type { ExportedEvent } from './exported-event.js';
import { type ReportRecord, recordIn } from './report-record.js';
import { type Check, fails } from './verdict.js';

/** Looks through exported events for those that a sheet speaks of. */
export class Finding {
  /** Events of the sheet's tenant up to its `knownAt`, by file. */
  readonly counts = new Map<string, number>();
  #record: ReportRecord | null = null;
  #contradicted = false;

  constructor(private readonly sheet: EvidenceSheet) {}

  /** What the log tells of the report; null if nothing. */
  get record(): ReportRecord | null {
    return this.#record;
  }

  /** What takes in the events of a file. */
  of(name: string): (event: ExportedEvent) => void {
    return (event) => {
      if (event.tenant !== this.sheet.tenant) return;
      if (event.position <= this.sheet.knownAt) this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
      const record = recordIn(event, this.sheet);
      if (record) this.#take(record);
    };
  }

  /** A report is recorded once; the same event may stand in two exports. */
  checks(): Check[] {
    return this.#contradicted ? [fails('report', 'The log in the folder records it twice, in different words.')] : [];
  }

  #take(record: ReportRecord): void {
    this.#contradicted ||= this.#record !== null && this.#record.hash !== record.hash;
    this.#record ??= record;
  }
}
