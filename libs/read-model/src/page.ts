/** A page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Whether there are more items after the last one. */
  readonly more: boolean;
}

/** Makes a page of the rows of a query that asked for one row more than the page holds. */
export function pageOf<T>(rows: readonly T[], limit: number): Page<T> {
  return { items: rows.slice(0, limit), more: rows.length > limit };
}

/** Where a list goes on, and how far it reaches. */
export interface ListPlace {
  /** Position of the last item of the page before; absent for the first page. */
  readonly after?: number | undefined;
  /** Position that the read model has reached: beyond it some items may be missing yet, and the next page would pass them over. */
  readonly through?: number | undefined;
  /** 1–200. */
  readonly limit: number;
}

/** What was found among some accounts, looked at in their order. */
export interface Scan<T> {
  readonly items: readonly T[];
  /** Where to go on; null at the end. */
  readonly next: number | null;
}

/** `[withheld]` in place of a value that the caller may not see; nothing where there is none. */
export const withheld = <T>(value: T | null): typeof WITHHELD | null => (value === null ? null : WITHHELD);

/** What stands in place of personal data for callers who may not see it. */
export const WITHHELD = '[withheld]';
