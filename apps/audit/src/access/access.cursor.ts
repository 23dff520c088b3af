import { InvalidCursorError, makeCursor, readCursor, readInstant } from '#libs/platform';
import type { GrantRecord, KnownInstant } from '#libs/read-model';

const LIST = 'access.1';
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Where a page of grants goes on: every page of a listing is about the same instant and the same state of knowledge. */
export interface AccessCursor extends KnownInstant {
  readonly after: { readonly grantedPosition: number; readonly grant: string };
}

/** Makes the cursor behind the last grant of a page. */
export function accessCursor({ asOf, knownAt }: KnownInstant, last: GrantRecord): string {
  return makeCursor(LIST, [asOf, knownAt, last.granted_pos, last.grant_id]);
}

/**
 * Reads a cursor back.
 * @throws {InvalidCursorError} when it is not ours, or the question now asks about another instant or state of knowledge
 */
export function readAccessCursor(cursor: string, asked: Partial<KnownInstant>): AccessCursor {
  const [asOf, knownAt, grantedPosition, grant] = readCursor(
    LIST,
    ['string', 'integer', 'integer', 'string'] as const,
    cursor,
  );
  const ours = readInstant(asOf) === asOf && UUID.test(grant);
  const same = (asked.asOf ?? asOf) === asOf && (asked.knownAt ?? knownAt) === knownAt;
  if (!ours || !same) throw new InvalidCursorError();
  return { asOf, knownAt, after: { grantedPosition, grant } };
}
