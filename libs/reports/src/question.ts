/** Narrows a report; every condition must hold. Ids of the question's own tenant. */
export interface ReportFilter {
  readonly account?: string;
  readonly role?: string;
  readonly application?: string;
  readonly connection?: string;
  readonly directory?: string;
  /** Exact, as recorded. */
  readonly department?: string;
  readonly privileged?: boolean;
  readonly review?: string;
  readonly policy?: string;
}

/** Names of conditions, for kinds to say which of them they take. */
export type FilterName = keyof ReportFilter;

/**
 * What a report answers, with nothing left to chance: the same question has the same rows, to the byte, for ever, save for values of erased
 * people. Instants are ISO-8601 UTC with milliseconds.
 */
export interface Question {
  readonly tenant: string;
  /** The instant asked about; of a period its end, inclusive. */
  readonly asOf: string;
  /** Beginning of the period, exclusive: what had happened by then is the opening; null for the beginning of the log. Null for reports about an instant. */
  readonly from: string | null;
  /** Position of the sealed log; what came later is not taken into account. */
  readonly knownAt: number;
  /** IANA name: days are counted in it. */
  readonly timeZone: string;
  readonly filter: ReportFilter;
  /** Whether personal columns are shown. */
  readonly personal: boolean;
}
