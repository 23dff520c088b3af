import type { GrantSource, Reviewer, ReviewPolicy } from '#libs/contracts';
import { type Assignment, REVIEWERS_MAX } from './review-item.commands.js';

/** Who plays which part towards a grant. Every id is one of an active account; null where there is none. */
export interface ReviewerFacts {
  /** Whose grant it is. */
  readonly account: string;
  /** Accounts that gave or approved it. */
  readonly approvedBy: ReadonlySet<string>;
  /** Accounts that certified an earlier stage. */
  readonly certifiedBy: readonly string[];
  readonly selfReview: boolean;
  readonly manager: string | null;
  readonly roleOwner: string | null;
  readonly applicationOwner: string | null;
  /** Finds the account of somebody whom the policy names. */
  readonly resolve: (principal: string) => string | null;
}

type Stage = ReviewPolicy['stages'][number];

/**
 * Finds who is asked in a stage: the first in the policy's order of preference who may decide, else everybody of the fallback who may.
 * Who holds the grant, gave or approved it, or certified an earlier stage may not, unless the policy lets them; the first two are then flagged.
 */
export function reviewersFor(stage: Stage, facts: ReviewerFacts): Assignment {
  for (const wanted of stage.reviewers) {
    const account = accountOf(wanted, facts);
    if (account !== null && mayDecide(account, facts)) return assignment([account], wanted.kind, facts);
  }
  const fallback = stage.fallback
    .map((principal) => facts.resolve(principal))
    .filter((account) => account !== null)
    .filter((account) => mayDecide(account, facts));
  return fallback.length > 0 ? assignment(fallback, 'fallback', facts) : NOBODY;
}

const NOBODY: Assignment = { reviewers: [], reviewersAs: 'nobody', flags: [] };

/** Who gave a grant by hand, an account or a key, as `kind:id`; null for every other grant. Elevations have approvers beside. */
export const giverOf = (source: GrantSource | null): string | null =>
  source?.kind === 'manual' ? (source.actor ?? null) : null;

function accountOf({ kind, principal }: Reviewer, facts: ReviewerFacts): string | null {
  switch (kind) {
    case 'manager':
      return facts.manager;
    case 'roleOwner':
      return facts.roleOwner;
    case 'applicationOwner':
      return facts.applicationOwner;
    case 'self':
      return facts.account;
    case 'named':
      return principal === null ? null : facts.resolve(principal);
  }
}

const mayDecide = (account: string, { account: holder, approvedBy, certifiedBy, selfReview }: ReviewerFacts): boolean =>
  selfReview || (account !== holder && !approvedBy.has(account) && !certifiedBy.includes(account));

function assignment(
  found: readonly string[],
  reviewersAs: Assignment['reviewersAs'],
  { account, approvedBy }: ReviewerFacts,
): Assignment {
  const reviewers = [...new Set(found)].slice(0, REVIEWERS_MAX);
  const flags: Assignment['flags'] = [
    ...(reviewers.includes(account) ? (['ownGrant'] as const) : []),
    ...(reviewers.some((reviewer) => approvedBy.has(reviewer)) ? (['approvedByReviewer'] as const) : []),
  ];
  return { reviewers, reviewersAs, flags };
}
