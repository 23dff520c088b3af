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

/** `[withheld]` in place of a value that the caller may not see; nothing where there is none. */
export const withheld = <T>(value: T | null): typeof WITHHELD | null => (value === null ? null : WITHHELD);

/** What stands in place of personal data for callers who may not see it. */
export const WITHHELD = '[withheld]';
