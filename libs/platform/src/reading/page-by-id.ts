import type { Queryable } from '#libs/database';
import { lastSealedRow } from '#libs/ledger';
import { makeCursor, readCursor } from '../validation/cursor.js';
import type { PageQuery } from '../validation/list.decorators.js';

/** A page of things that have an id, in the order of their ids. */
export interface PageById<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/**
 * Cuts a page out of a list that is at hand whole.
 * @param list name and version of the list, for its cursors
 * @throws {InvalidCursorError}
 */
export function pageById<T extends { readonly id: string }>(
  list: string,
  all: readonly T[],
  { cursor, limit }: Pick<PageQuery, 'cursor' | 'limit'>,
): PageById<T> {
  const [after] = cursor === undefined ? [''] : readCursor(list, ['string'], cursor);
  const rest = all.filter(({ id }) => id > after).sort((a, b) => (a.id < b.id ? -1 : 1));
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: last && rest.length > limit ? makeCursor(list, [last.id]) : null };
}

/** Position of the sealed log, −1 when it is empty. Read it before the catalogue, which then holds everything up to it. */
export async function sealedPosition(database: Queryable): Promise<number> {
  return (await lastSealedRow(database))?.position ?? -1;
}
