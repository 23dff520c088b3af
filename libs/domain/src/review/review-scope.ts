import type { ReviewScope } from '#libs/contracts';

/** What a review's scope asks about a grant. */
export interface GrantInScope {
  readonly role: string;
  /** Of the role. */
  readonly application: string;
  readonly privileged: boolean;
  /** Id of the account that holds it. */
  readonly account: string;
  /** The connection whose rule gave it; null for grants by hand and elevations. */
  readonly connection: string | null;
  /** Whether the account's source is gone, disabled or silent. */
  readonly orphan: boolean;
}

/**
 * Whether a review with this scope is about a grant: of every part that says something, something must fit.
 * @param people accounts of the principals that the scope names, as far as they could be found; if none could, nothing is in scope
 */
export function inScope(scope: ReviewScope, grant: GrantInScope, people: ReadonlySet<string>): boolean {
  const { roles, applications, connections } = scope;
  return (
    fits(roles, grant.role) &&
    fits(applications, grant.application) &&
    (connections.length === 0 || (grant.connection !== null && connections.includes(grant.connection))) &&
    (scope.people.length === 0 || people.has(grant.account)) &&
    (!scope.privileged || grant.privileged) &&
    (!scope.orphans || grant.orphan)
  );
}

const fits = (wanted: readonly string[], one: string): boolean => wanted.length === 0 || wanted.includes(one);
