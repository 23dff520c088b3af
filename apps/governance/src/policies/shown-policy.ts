import type { InTenant } from '#libs/catalog';
import { type PolicySettings, withPersonalTexts } from '#libs/contracts';
import type { PolicyState } from '#libs/domain';
import { type Caller, NotFoundError } from '#libs/platform';
import { WITHHELD } from '#libs/vault';
import type { PolicyDto } from './policies.dto.js';

/** A policy as the API shows it to a caller: without `personal:read` the people whom it names, and what its conditions compare with, are withheld. @throws {NotFoundError} when it never was one */
export function shownPolicy(state: InTenant<PolicyState>, { scopes }: Caller): PolicyDto {
  const { id, tenant, status, enabled, version, managedBy, since, settings } = state;
  if (settings === null) throw new NotFoundError('policy');
  const visible = scopes.has('personal:read') ? settings : withoutNames(settings);
  return { id, tenant, kind: settings.kind, status, enabled, version, managedBy, since, settings: visible };
}

/** Settings with the people whom they name, and what conditions compare with, withheld. */
export const withoutNames = (settings: PolicySettings): PolicySettings => withPersonalTexts(settings, () => WITHHELD);

/** Whether settings say something by what stands for a text that was withheld: whoever sends them has not read what it is. */
export function namesWithheld(settings: PolicySettings): boolean {
  let found = false;
  withPersonalTexts(settings, (principal) => {
    found ||= principal === WITHHELD;
    return principal;
  });
  return found;
}
