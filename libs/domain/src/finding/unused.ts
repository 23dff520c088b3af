import { instantAfter } from '#libs/kernel';

/** What is known of the use of one grant. */
export interface GrantUse {
  readonly grantedAt: string;
  /** When the role, or where nobody tells roles apart its application, was last used by the account; null for never. */
  readonly lastUsedAt: string | null;
  /** Since when any source tells of the use of this application; null: none does, so nothing is known. */
  readonly toldSince: string | null;
}

/**
 * Since when a grant is unused, for `afterMs` or longer; null where it is not, or where nobody can know: no source tells of the application, or none
 * has told for that long. What is unknown is never called unused.
 */
export function unusedSince(
  { grantedAt, lastUsedAt, toldSince }: GrantUse,
  afterMs: number,
  now: string,
): string | null {
  if (toldSince === null) return null;
  const known = grantedAt > toldSince ? grantedAt : toldSince;
  const idleSince = lastUsedAt !== null && lastUsedAt > known ? lastUsedAt : known;
  return instantAfter(idleSince, afterMs) <= now ? idleSince : null;
}
