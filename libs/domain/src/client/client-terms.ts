import type { ClientSettings } from '#libs/contracts';

/** What a client asked of people when it was given something: settings whose tightening takes back what was given before. */
export type ClientTerms = Pick<ClientSettings, 'rolesOf' | 'admitWithoutRole' | 'requireAuthenticationContext'>;

/** The terms that a client's settings set now. */
export const termsOf = ({ rolesOf, admitWithoutRole, requireAuthenticationContext }: ClientTerms): ClientTerms => ({
  rolesOf,
  admitWithoutRole,
  requireAuthenticationContext,
});

/**
 * Whether what was given on earlier terms is good on those of now without asking the person again. Terms that were loosened ask for
 * nothing more; of those that were tightened nobody knows who would meet them, so the person comes in anew.
 */
export function meetsTerms(given: ClientTerms, now: ClientTerms): boolean {
  const contexts = new Set(now.requireAuthenticationContext);
  const then = given.requireAuthenticationContext;
  const contextHolds = contexts.size === 0 || (then.length > 0 && then.every((context) => contexts.has(context)));
  return given.rolesOf === now.rolesOf && contextHolds && (now.admitWithoutRole || !given.admitWithoutRole);
}
