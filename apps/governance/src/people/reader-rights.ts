import { type Caller, MissingScopeError } from '#libs/platform';

/** Whether somebody may open lists of what others are asked. */
export const mayReadReviews = ({ scopes }: Caller): boolean => scopes.has('audit:read') || scopes.has('reviews:decide');

/**
 * A key decides only with the scope for it; a person needs none, since only those who are named can decide anything.
 * @throws {MissingScopeError}
 */
export function requireDeciding(caller: Caller): void {
  if (caller.via === 'key' && !caller.scopes.has('reviews:decide')) throw new MissingScopeError(['reviews:decide']);
}

/**
 * Whose items a caller may list: anybody's with the right to read reviews, otherwise only their own.
 * @returns the reviewer to ask for; undefined for everybody's
 * @throws {MissingScopeError}
 */
export function readableReviewer(caller: Caller, asked: string | undefined): string | undefined {
  if (mayReadReviews(caller)) return asked;
  const own = caller.via === 'session' ? caller.actor.id : null;
  if (own === null || (asked ?? own) !== own) throw new MissingScopeError(['reviews:decide']);
  return own;
}
