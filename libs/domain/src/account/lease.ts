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

/** The end that a decision has set to what rules give of a role; null where none has. */
export type EndsOfRoles = (role: string) => string | null;

/** When a grant ends that is given or confirmed now: with its lease, or when a decision says, whichever is earlier; null when nothing ends it. */
export function endOfLease(lease: string | null, now: string, latest: string | null = null): string | null {
  const end = lease === null ? null : instantAfter(now, durationMs(lease));
  return end === null || (latest !== null && latest < end) ? latest : end;
}

/** Grants that go on until the same instant. */
export interface Confirmation {
  readonly grants: { readonly id: string; readonly role: string }[];
  readonly until: string | null;
}

/**
 * The grants whose end a sign-in moves: to one lease from now, also when the lease has become shorter. Those that had no end get one;
 * without a lease, those that had one lose it. None goes on beyond the end that a decision has set to its role.
 */
export function confirmations(
  grants: readonly Grant[],
  { lease, now, latest }: { readonly lease: string | null; readonly now: string; readonly latest: EndsOfRoles },
): Confirmation[] {
  const step = lease === null ? 0 : durationMs(lease) / LEASE_STEPS;
  const ends = grants.map((grant) => ({ grant, until: endOfLease(lease, now, latest(grant.role)) }));
  const moved = ends.filter(({ grant, until }) =>
    grant.until === null || until === null || until === latest(grant.role)
      ? grant.until !== until
      : Math.abs(Date.parse(until) - Date.parse(grant.until)) >= step,
  );
  return [...Map.groupBy(moved, ({ until }) => until)].flatMap(([until, together]) =>
    inParts(together, GRANTS_PER_EVENT_MAX).map((part) => ({
      grants: part.map(({ grant: { id, role } }) => ({ id, role })),
      until,
    })),
  );
}

/** Writes down the end of grants by rules that have run out, each at its own instant, whenever this is asked. */
export function expireLeases({ metadata }: Pick<ExpireLeases, 'metadata'>, state: AccountState): AccessRevoked[] {
  const over = [...state.grants.values()].filter(
    ({ source, until }) => source.kind === 'rule' && until !== null && until <= metadata.now,
  );
  const ends = Map.groupBy(over, (grant) => `${grant.until} ${codeOf(grant, state)}`);
  return [...ends]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, grants]) => {
      const [first] = grants as [Grant];
      const how = { code: codeOf(first, state), at: first.until as string, evidence: null, reason: null };
      return revoked(state.id, grants, how);
    });
}

/** A decision has set this end, or nobody has confirmed the grant. */
const codeOf = ({ role, until }: Grant, { withheld }: AccountState): 'expired' | 'lease-expired' =>
  until === withheld.get(role)?.from ? 'expired' : 'lease-expired';
