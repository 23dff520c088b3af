import type { ReviewPolicy } from '#libs/contracts';

/** Time for a review that no review policy asks for. */
const DUE = 'P14D';

/**
 * Terms of a review that follows from something else than a review policy: the role's owner is asked, or the manager, or those who answer for
 * what it follows from; silence keeps.
 * @param fallback principals; nulls are nobody
 */
export function defaultTerms(
  fallback: readonly (string | null)[],
  over: Partial<Pick<ReviewPolicy, 'stages' | 'due'>> = {},
): ReviewPolicy {
  const known = fallback.filter((principal) => principal !== null);
  return {
    kind: 'review',
    triggers: [],
    schedule: null,
    timeZone: null,
    scope: { roles: [], applications: [], people: [], connections: [], privileged: false, orphans: false },
    stages: [
      {
        reviewers: [
          { kind: 'roleOwner', principal: null },
          { kind: 'manager', principal: null },
        ],
        fallback: known,
      },
    ],
    due: DUE,
    reminders: ['P2D'],
    escalation: known.length > 0 ? { before: 'P1D', to: known } : null,
    noResponse: 'keep',
    maxRevocations: { percent: 5, atLeast: 10 },
    carryForward: null,
    control: null,
    selfReview: false,
    reasons: ['revoke'],
    signOff: null,
    ...over,
  };
}
