import type { InTenant } from '#libs/catalog';
import type { RoleState } from '#libs/domain';
import { type Caller, NotFoundError } from '#libs/platform';
import { WITHHELD } from '#libs/vault';
import type { RoleDto } from './catalog.dto.js';

/** A role as the API shows it to a caller. @throws {NotFoundError} when it never was one */
export function shownRole(
  { id, tenant, status, settings, owner, managedBy }: InTenant<RoleState>,
  { scopes }: Caller,
): RoleDto {
  if (settings === null) throw new NotFoundError('role');
  const visibleOwner = owner === null || scopes.has('personal:read') ? owner : WITHHELD;
  return { id, tenant, status, ...settings, owner: visibleOwner, managedBy };
}
