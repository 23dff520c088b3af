import { type AccessRevoked, GRANTS_PER_EVENT_MAX } from '#libs/contracts';
import type { Grant } from './account.state.js';
import { inParts } from './in-parts.js';

/** Why grants end, when, and what led to it. */
export interface Revocation {
  readonly code: AccessRevoked['data']['code'];
  /** The instant of the decision, ISO-8601 UTC with milliseconds. */
  readonly at: string;
  /** Id of the event that led to it; null when a person did. */
  readonly evidence: string | null;
  readonly reason: string | null;
}

/** Ends grants; no events for no grants. Nothing ends before it began, whatever the clocks of two servers say. */
export function revoked(
  account: string,
  grants: readonly Grant[],
  { code, at, evidence, reason }: Revocation,
): AccessRevoked[] {
  return inParts(grants, GRANTS_PER_EVENT_MAX).map((part) => {
    const ended = part.map(({ id, role }) => ({ id, role }));
    const effectiveAt = part.reduce((latest, { from }) => (from > latest ? from : latest), at);
    return { type: 'AccessRevoked', data: { account, grants: ended, code, effectiveAt, evidence, reason } };
  });
}
