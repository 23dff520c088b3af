import type { AccountStatusSince } from '#libs/read-model';

/** Why a grant began or ceased to count: something about the grant itself, or about its account. */
export type Cause = 'grant' | 'account' | 'accountExpired';

/** A border of the time in which a grant counted. */
export interface Border {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly cause: Cause;
  /** Position of the event that changed the account; null where the grant itself is the cause. */
  readonly position: number | null;
}

/** Time in which a grant counted without a break: `from` inclusive, `until` exclusive, null for no end. */
export interface HeldInterval {
  readonly from: Border;
  readonly until: Border | null;
}

/** From when to when a grant holds, by itself. */
export interface GrantTime {
  readonly from: Date;
  readonly until: Date | null;
}

/**
 * When a grant counted: while it held and its account was active and not past its end. Where grant and account begin or end something at the
 * same instant, the grant is the cause. Times without length are none.
 * @param statuses of the account, in order, as known at the position asked about
 */
export function heldIntervals(grant: GrantTime, statuses: readonly AccountStatusSince[]): readonly HeldInterval[] {
  const own: HeldInterval = {
    from: { at: grant.from.getTime(), cause: 'grant', position: null },
    until: grant.until && { at: grant.until.getTime(), cause: 'grant', position: null },
  };
  return accountIntervals(statuses)
    .map((active) => ({ from: later(own.from, active.from), until: earlier(own.until, active.until) }))
    .filter(hasLength);
}

const hasLength = ({ from, until }: HeldInterval): boolean => until === null || from.at < until.at;

/** When an account counted, whatever was given to it: while it was active and not past its end. @param statuses in order, as known at a position */
export function accountIntervals(statuses: readonly AccountStatusSince[]): readonly HeldInterval[] {
  const active = statuses.flatMap((row, index) => {
    if (row.status !== 'active') return [];
    const next = statuses[index + 1];
    const changed = next ? ({ at: next.since.getTime(), cause: 'account', position: next.position } as const) : null;
    return [
      {
        from: { at: row.since.getTime(), cause: 'account', position: row.position } as const,
        until: earlier(expiry(row, statuses), changed),
      },
    ];
  });
  return active.filter(hasLength);
}

/** The end of an account is said when it is made. */
function expiry({ expiresAt }: AccountStatusSince, [first]: readonly AccountStatusSince[]): Border | null {
  return expiresAt && { at: expiresAt.getTime(), cause: 'accountExpired', position: first?.position ?? null };
}

/** The first of two equals. */
const later = (a: Border, b: Border): Border => (b.at > a.at ? b : a);

function earlier(a: Border | null, b: Border | null): Border | null {
  if (a === null || b === null) return a ?? b;
  return b.at < a.at ? b : a;
}
