import type { Cell } from './column.js';
import type { ReportFilter } from './question.js';
import type { Population } from './report-kind.js';

/** A data file of a report. */
export interface EvidenceFile {
  readonly name: string;
  /** SHA-256 of its bytes, hex. */
  readonly sha256: string;
  readonly bytes: number;
  readonly rows: number;
}

/** When a source was last heard of. */
export interface SourceContact {
  readonly connection: string;
  readonly status: string;
  /** Instant of the last sign-in or signal through it that was recorded by `knownAt`; null for none. */
  readonly lastContactAt: string | null;
}

/** A projection of the read model with its newest comparison with the log; null where it was never compared in this version. */
export interface ComparedProjection {
  readonly projection: string;
  /** The version in use. */
  readonly version: number;
  /** Position up to which it was compared. */
  readonly position: number | null;
  /** SHA-256, hex, of what the log makes of it. */
  readonly digest: string | null;
  /** Rows that were not as the log makes them. */
  readonly differences: number | null;
  /** When, ISO-8601. */
  readonly verifiedAt: string | null;
}

/**
 * The evidence sheet: what an auditor needs to know of a report before its rows, information produced by the entity. Everything in it
 * is computed when the report is made.
 */
export interface EvidenceSheet {
  readonly report: string;
  readonly tenant: string;
  readonly kind: string;
  readonly version: number;
  readonly title: string;
  readonly asOf: string;
  readonly from: string | null;
  readonly knownAt: number;
  readonly timeZone: string;
  readonly filter: ReportFilter;
  /** Whether personal columns are shown. */
  readonly personal: boolean;
  /** Positions of the sealed log that were taken into account. */
  readonly positions: { readonly from: number; readonly through: number };
  readonly events: {
    /** Of the tenant, sealed up to `knownAt`; and of these, in the index that the read model keeps. */
    readonly sealed: number;
    readonly projected: number;
  };
  /** Missing numbers among the tenant's positions, counted over all of them. */
  readonly gaps: number;
  /** The most streams of the tenant that were parked at a time while the rows were gathered and the sheet was made. */
  readonly parkedStreams: number;
  /** Sealed events up to `knownAt` that the read model had not taken in. */
  readonly lag: number;
  readonly rows: number;
  readonly population: readonly Population[];
  /** Rows by application, where the report has one. */
  readonly applications: Readonly<Record<string, number>>;
  readonly flags: Readonly<Record<string, number>>;
  readonly summary: Readonly<Record<string, Cell>>;
  readonly sources: readonly SourceContact[];
  /** Sources beyond those, which are as many as a sheet lists. */
  readonly sourcesNotListed: number;
  /** All that the read model has. */
  readonly projections: readonly ComparedProjection[];
  /**
   * Whether rows are missing at the end: more would follow upon the last one, or fewer are kept or written than were gathered. A report that
   * would not fit is refused, so it shows that something broke.
   */
  readonly truncated: boolean;
  /** Cells of people who have been erased. */
  readonly erasedValues: number;
  /** True only if nothing below is wrong. */
  readonly complete: boolean;
  /** What makes it incomplete, in sentences. */
  readonly problems: readonly string[];
  readonly softwareVersion: string;
  /** `kind:id`. */
  readonly generatedBy: string;
  readonly generatedAt: string;
  readonly files: readonly EvidenceFile[];
}
