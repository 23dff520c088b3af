import { DomainError } from '#libs/kernel';

/** Longest cursor that is looked at, in characters. */
const CURSOR_LENGTH_MAX = 1_024;

/** What a cursor may hold: the sort keys of the last item of a page. */
export type CursorPart = string | number;

type PartOf<Kind extends 'string' | 'integer'> = Kind extends 'integer' ? number : string;

/** The given cursor was not made by this list. */
export class InvalidCursorError extends DomainError {
  readonly code = 'invalid-cursor';
  readonly kind = 'invalid';
  constructor() {
    super(
      'This is not a cursor of this list. Pass the nextCursor of the page before, unchanged, or none to start over.',
    );
  }
}

/**
 * Makes the opaque cursor that points behind an item of a list.
 * A cursor is a place to read on from and no right to read: each query applies the caller's tenant and filters anew,
 * so a forged cursor can only skip what its maker could see anyway. Its structure is checked, it is not signed.
 * @param list name and version of the list, such as `accounts.1`: a cursor of another list is refused
 */
export function makeCursor(list: string, parts: readonly CursorPart[]): string {
  return Buffer.from(JSON.stringify([list, ...parts])).toString('base64url');
}

/**
 * Reads a cursor back.
 * @param kinds what each part must be; integers must be safe ones
 * @throws {InvalidCursorError} when it is not a cursor of this list
 */
export function readCursor<const Kinds extends readonly ('string' | 'integer')[]>(
  list: string,
  kinds: Kinds,
  cursor: string,
): { -readonly [Index in keyof Kinds]: PartOf<Kinds[Index]> } {
  const [name, ...parts] = decode(cursor) ?? [];
  const fits =
    name === list && parts.length === kinds.length && kinds.every((kind, index) => isOfKind(kind, parts[index]));
  if (!fits) throw new InvalidCursorError();
  return parts as { -readonly [Index in keyof Kinds]: PartOf<Kinds[Index]> };
}

/** Tells whether a value has the form of a cursor; whether it fits a list, only `readCursor` can tell. */
export function isCursor(value: unknown): boolean {
  return typeof value === 'string' && decode(value) !== null;
}

function decode(cursor: string): readonly unknown[] | null {
  if (cursor.length > CURSOR_LENGTH_MAX || !/^[A-Za-z0-9_-]+$/.test(cursor)) return null;
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(parts) && typeof parts[0] === 'string' ? parts : null;
  } catch {
    return null; // not JSON: not ours
  }
}

function isOfKind(kind: 'string' | 'integer', part: unknown): boolean {
  // U+0000 would be refused by PostgreSQL as an error of ours.
  return kind === 'integer'
    ? Number.isSafeInteger(part)
    : typeof part === 'string' && part.isWellFormed() && !part.includes('\0');
}
