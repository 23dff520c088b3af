import { type AccessRevoked, GRANTS_PER_EVENT_MAX } from '#libs/contracts';
import { durationMs, instantAfter } from '#libs/kernel';
import type { ExpireLeases } from './account.commands.js';
import type { AccountState, Grant } from './account.state.js';
import { inParts } from './in-parts.js';
import { revoked } from './revocation.js';

/**
 * A sign-in moves the end of a lease only when it moves by at least this part of the lease, so that a stream does not grow with every
 * sign-in: a lease of 30 days is confirmed at most once a day. So a grant lasts between 29/30 of the lease and the whole of it after the
 * last sign-in that confirmed it.
 */
export const LEASE_STEPS = 30;

/** When a grant ends that is given or confirmed now; null without a lease. */
export const endOfLease = (lease: string | null, now: string): string | null =>
  lease === null ? null : instantAfter(now, durationMs(lease));

/** Grants that go on until the same instant. */
export interface Confirmation {
  readonly grants: { readonly id: string; readonly role: string }[];
  readonly until: string | null;
}

/**
 * The grants whose end a sign-in moves: to one lease from now, also when the lease has become shorter. Those that had no end get one;
 * without a lease, those that had one lose it.
 */
export function confirmations(
  grants: readonly Grant[],
  { lease, now }: { readonly lease: string | null; readonly now: string },
): Confirmation[] {
  const until = endOfLease(lease, now);
  const step = lease === null ? 0 : durationMs(lease) / LEASE_STEPS;
  const moved = grants.filter((grant) =>
    grant.until === null || until === null
      ? grant.until !== until
      : Math.abs(Date.parse(until) - Date.parse(grant.until)) >= step,
  );
  return inParts(moved, GRANTS_PER_EVENT_MAX).map((part) => ({
    grants: part.map(({ id, role }) => ({ id, role })),
    until,
  }));
}

/** Writes down the end of grants by rules whose lease has run out, each at its own instant, whenever this is asked. */
export function expireLeases({ metadata }: Pick<ExpireLeases, 'metadata'>, state: AccountState): AccessRevoked[] {
  const over = [...state.grants.values()].filter(
    ({ source, until }) => source.kind === 'rule' && until !== null && until <= metadata.now,
  );
  const ends = [...new Set(over.map(({ until }) => until as string))].sort();
  return ends.flatMap((at) =>
    revoked(
      state.id,
      over.filter(({ until }) => until === at),
      { code: 'lease-expired', at, evidence: null, reason: null },
    ),
  );
}
