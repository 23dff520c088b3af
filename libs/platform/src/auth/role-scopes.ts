import type { Scope } from '#libs/contracts';
import { ScopeExceededError } from './auth.errors.js';
import type { Caller } from './caller.js';

/** What people may do in Gatebook by the roles of its own application. An administrator of a tenant may do everything in that tenant. */
const SCOPES_OF_ROLE: ReadonlyMap<string, readonly Scope[]> = new Map([
  [
    'gatebook.admin',
    [
      'audit:read',
      'personal:read',
      'accounts:write',
      'connections:write',
      'reports:write',
      'elevations:write',
      'admin',
    ],
  ],
  ['gatebook.auditor', ['audit:read', 'personal:read', 'reports:write']],
  ['gatebook.reviewer', ['reviews:decide']],
  // opens lists of other people's items; who decides is whom the item names
  ['gatebook.owner', ['reviews:decide']],
]);

/** Scopes that roles give to whoever holds them; roles of other applications give none. */
export function scopesOfRoles(roles: readonly string[]): ReadonlySet<Scope> {
  return new Set(roles.flatMap((role) => SCOPES_OF_ROLE.get(role) ?? []));
}

/**
 * Makes sure that nobody gives away more than they have, whether by a key, by a role, or by a way into an account.
 * @throws {ScopeExceededError} naming the scopes that the caller lacks
 */
export function requireOwnScopes(caller: Caller, given: Iterable<Scope>): void {
  const lacking = [...given].filter((scope) => !caller.scopes.has(scope));
  if (lacking.length > 0) throw new ScopeExceededError(lacking);
}
