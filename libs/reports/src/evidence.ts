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

/** The newest comparison of a projection with the log. */
export interface VerifiedProjection {
  readonly projection: string;
  readonly version: number;
  /** Position up to which it was compared. */
  readonly position: number;
  /** SHA-256, hex, of what the log makes of it. */
  readonly digest: string;
  readonly differences: number;
  readonly verifiedAt: string;
}

/**
 * The evidence sheet: what an auditor needs to know of a report before its rows, information produced by the entity. Everything in it
 * is computed when the report is made, save `truncated`, which no report can be.
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
  readonly projections: readonly VerifiedProjection[];
  /** Never true: a report that would not fit is refused. */
  readonly truncated: false;
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
