import { NotFoundError } from '../problem/not-found.error.js';
import { TenantRequiredError } from './auth.errors.js';
import type { Caller } from './caller.js';

/**
 * Says which tenant a request is about.
 * @param requested `tenant` of the request, if it names one
 * @param customers ids of the tenants there are, for a key of the installation: with exactly one, it need not be named
 * @throws {NotFoundError} when the caller may not know the tenant, or there is none of that name
 * @throws {TenantRequiredError} when a key of the installation must name one
 */
export function tenantFor(caller: Caller, requested?: string, customers?: readonly string[]): string {
  const named = requested ?? caller.tenant ?? (customers?.length === 1 ? customers[0] : undefined);
  if (named === undefined) throw new TenantRequiredError();
  if (caller.tenant !== null && caller.tenant !== named) throw new NotFoundError('tenant');
  if (caller.tenant === null && customers && !customers.includes(named)) throw new NotFoundError('tenant');
  return named;
}

/**
 * Hides what belongs to another tenant: to the caller it does not exist.
 * @throws {NotFoundError} when there is no such thing, or the caller's tenant is another
 */
export function ownedBy<T extends { readonly tenant: string }>(
  caller: Caller,
  thing: T | null | undefined,
  what?: string,
): T {
  if (!thing || (caller.tenant !== null && caller.tenant !== thing.tenant)) throw new NotFoundError(what);
  return thing;
}
