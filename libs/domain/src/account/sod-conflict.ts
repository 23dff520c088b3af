import { conflictsWith, type SodRule } from '../sod/sod-rules.js';
import { SodConflictError } from './account.errors.js';
import { type AccountState, standingGrants } from './account.state.js';

/**
 * Lets a role be given only if the account holds nothing that stands against it, by whatever grant. Also a suspended account is not given what
 * it must not hold when it counts again.
 * @throws {SodConflictError} names the policies and the roles held
 */
export function requireNoSodConflict(
  role: string,
  state: AccountState,
  { sod, now }: { readonly sod: readonly SodRule[]; readonly now: string },
): void {
  if (sod.length === 0) return;
  const held = standingGrants(state, now).map((grant) => grant.role);
  const conflicts = conflictsWith(role, held, sod);
  if (conflicts.length > 0) throw new SodConflictError(role, conflicts);
}
