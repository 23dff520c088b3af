import type { Keyring } from '#libs/platform';

/** What is shown to whom: the mark of one page is worth nothing on another. */
export interface Showing {
  readonly session: string;
  /** Id of the item, or the name of the list. */
  readonly what: string;
}

/** Longest time that counts as spent on a decision, milliseconds; after a night on the screen nobody can tell. */
const SPENT_MAX_MS = 8 * 3_600_000;

const MARK = /^(\d{1,15})\.([0-9a-f]{64})$/;

/** A hidden field that says when a page was shown, and that nobody else can write. */
export function shownAt(keyring: Pick<Keyring, 'lookupHmac'>, showing: Showing, now: Date): string {
  const at = String(now.getTime());
  return `${at}.${sealOf(keyring, showing, at)}`;
}

/** How long it took from the showing to now, in milliseconds; null where the field cannot tell. */
export function spentMs(
  keyring: Pick<Keyring, 'lookupHmac'>,
  showing: Showing,
  mark: unknown,
  now: Date,
): number | null {
  const [, at, seal] = (typeof mark === 'string' && MARK.exec(mark)) || [];
  if (at === undefined || seal !== sealOf(keyring, showing, at)) return null;
  return withinReason(now.getTime() - Number(at));
}

/** Likewise for an instant that a caller of the API states. */
export function spentSinceMs(instant: string | undefined, now: Date): number | null {
  return instant === undefined ? null : withinReason(now.getTime() - Date.parse(instant));
}

function withinReason(spent: number): number | null {
  return spent >= 0 && spent <= SPENT_MAX_MS ? spent : null;
}

const sealOf = (keyring: Pick<Keyring, 'lookupHmac'>, { session, what }: Showing, at: string): string =>
  keyring.lookupHmac('review-shown', session, what, at);
