import { InvalidCursorError, makeCursor, readCursor, readInstant } from '#libs/platform';
import { isGrantBookmark, type Question } from '#libs/reports';
import type { RowPlace } from './row-page.js';

const LIST = 'access-diff.1';

/** Where a page of changes goes on: every page of a listing is about the same period and the same state of knowledge. */
export interface DiffCursor extends Pick<Question, 'from' | 'asOf' | 'knownAt'> {
  readonly place: RowPlace;
}

/** Makes the cursor behind the last change of a page. */
export const diffCursor = ({ from, asOf, knownAt }: Question, { bookmark, rows }: RowPlace): string =>
  makeCursor(LIST, [from ?? '', asOf, knownAt, bookmark ?? '', rows]);

/** Reads a cursor back. @throws {InvalidCursorError} when it is not ours */
export function readDiffCursor(cursor: string): DiffCursor {
  const [from, asOf, knownAt, bookmark, rows] = readCursor(
    LIST,
    ['string', 'string', 'integer', 'string', 'integer'] as const,
    cursor,
  );
  const instants = [...(from === '' ? [] : [from]), asOf];
  const ours = instants.every((instant) => readInstant(instant) === instant) && rows >= 0 && knownAt >= -1;
  if (!ours || !(bookmark === '' || isGrantBookmark(bookmark))) throw new InvalidCursorError();
  return {
    from: from === '' ? null : from,
    asOf,
    knownAt,
    place: { bookmark: bookmark === '' ? null : bookmark, rows },
  };
}
