import { instantAfter } from '#libs/kernel';

/** So many sign-ins in a row without a word on groups are too many, however short the time. */
export const UNKNOWN_SIGN_INS_MAX = 5;

/** How long groups may be unknown, unless a policy says otherwise, milliseconds: 14 days. */
export const UNKNOWN_FOR_MAX_MS = 14 * 86_400_000;

/** Sign-ins of one account through one connection since the last one that said something about groups. */
export interface UnknownRun {
  readonly signIns: number;
  /** When the first of them was recorded. */
  readonly since: string;
}

/** Whether somebody's groups have been unknown for too long: five sign-ins in a row, or `afterMs` or more since the first of them. */
export function groupsUnknownTooLong({ signIns, since }: UnknownRun, afterMs: number, now: string): boolean {
  return signIns >= UNKNOWN_SIGN_INS_MAX || (signIns > 0 && instantAfter(since, afterMs) <= now);
}
