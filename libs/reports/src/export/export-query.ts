/** Which part of the log to export. */
export interface ExportQuery {
  /** Null for every tenant, the installation's own facts included. */
  readonly tenant: string | null;
  /** Position of the sealed log, exclusive; -1 begins at the beginning. */
  readonly after: number;
  /** Position of the sealed log, inclusive; not beyond what is sealed and projected. */
  readonly through: number;
  /** Only events of this type; null for all. */
  readonly type: string | null;
  /** Whether personal fields are shown; otherwise they read `[withheld]`. */
  readonly personal: boolean;
}

/** Numbers from one to another, both inclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The last line of an export that came to its end. */
export interface ExportManifest {
  readonly tenant: string | null;
  readonly type: string | null;
  /** Exclusive. */
  readonly after: number;
  /** Inclusive; the next export goes on after it. */
  readonly through: number;
  readonly events: number;
  /** Of the first and the last event; null where there is none. */
  readonly positions: Span | null;
  readonly tenantPositions: Span | null;
  /** Numbers missing between `after` and `through`; null where only one type was asked for. */
  readonly gaps: number | null;
  readonly personal: boolean;
  /** SHA-256, hex, of all lines before this one, each with the line feed at its end. */
  readonly sha256: string;
}

/** The last line of an export that could not come to its end. */
export interface ExportFailure {
  readonly code: string;
  readonly message: string;
  /** Position of the last event before it; the export can be asked for again after it. */
  readonly after: number;
}
