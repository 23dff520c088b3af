import type { CatalogView } from '#libs/catalog';
import {
  type ElevationOffer,
  type ElevationState,
  offerFor,
  RoleNotFoundError,
  RoleNotOfferedError,
} from '#libs/domain';

/**
 * What the policy of an elevation offers for its role as things stand, whatever it did when that was asked for.
 * @throws {RoleNotFoundError} once the role is retired
 * @throws {RoleNotOfferedError} once the policy is gone, switched off, or about other roles
 */
export function offerNow(view: CatalogView, tenant: string, elevation: ElevationState): ElevationOffer {
  const role = view.role(tenant, elevation.role);
  if (role?.status !== 'live' || role.settings === null) throw new RoleNotFoundError();
  const policies = view.policies(tenant).filter(({ id }) => id === elevation.policy);
  const found = offerFor(policies, { id: role.id, settings: role.settings }, elevation);
  if (found === null) throw new RoleNotOfferedError(elevation.role);
  return found.offer;
}
