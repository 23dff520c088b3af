import type { CatalogView } from '#libs/catalog';
import type { Queryable } from '#libs/database';
import { durationMs } from '#libs/kernel';
import type { Principals } from '../../reading/principals.js';
import type { Candidate } from '../candidate.js';
import type { Watch } from '../watches.js';

/** Accounts that one statement looks at. */
export const ACCOUNTS_AT_ONCE = 2_000;

/** What one look at a tenant has at hand. */
export interface Looking {
  readonly database: Queryable;
  readonly catalog: CatalogView;
  readonly principals: Pick<Principals, 'findAll'>;
  /** Instant of the look, ISO-8601 UTC with milliseconds. */
  readonly now: string;
  /** Position that the read model has reached. */
  readonly knownAt: number;
}

/** Looks a tenant through for what a watch is about, page by page. */
export type Look = (looking: Looking, watch: Watch) => AsyncIterable<readonly Candidate[]>;

/** How long something may last, milliseconds: what the policy says, or what is usual. */
export const afterMsOf = ({ after }: Pick<Watch, 'after'>, usualMs: number): number =>
  after === null ? usualMs : durationMs(after);

/** The first instant that is too late to have lasted for so long: queries leave out what began at it or later. */
export const before = (now: string, afterMs: number): string => new Date(Date.parse(now) - afterMs + 1).toISOString();

/** Every page of a query that goes through the accounts of a tenant. */
export async function* pagesOf<T>(
  query: (after: number | undefined) => Promise<{ readonly items: readonly T[]; readonly next: number | null }>,
): AsyncGenerator<readonly T[]> {
  for (let after: number | undefined; ; ) {
    const { items, next } = await query(after);
    if (items.length > 0) yield items;
    if (next === null) return;
    after = next;
  }
}
