import type { InTenant } from '#libs/catalog';
import { POLICY_PRINCIPALS, type PolicySettings } from '#libs/contracts';
import type { PolicyState } from '#libs/domain';
import { type Caller, NotFoundError } from '#libs/platform';
import { WITHHELD } from '#libs/vault';
import type { PolicyDto } from './policies.dto.js';

type Change = (principal: unknown) => unknown;

/** A policy as the API shows it to a caller: without `personal:read` the people whom it names are withheld. @throws {NotFoundError} when it never was one */
export function shownPolicy(state: InTenant<PolicyState>, { scopes }: Caller): PolicyDto {
  const { id, tenant, status, enabled, version, managedBy, since, settings } = state;
  if (settings === null) throw new NotFoundError('policy');
  const visible = scopes.has('personal:read') ? settings : withoutNames(settings);
  return { id, tenant, kind: settings.kind, status, enabled, version, managedBy, since, settings: visible };
}

/** Settings with the people whom they name withheld. */
export const withoutNames = (settings: PolicySettings): PolicySettings => withPrincipals(settings, () => WITHHELD);

/** Whether settings name somebody by what stands for a name that was withheld: whoever sends them has not read who it is. */
export function namesWithheld(settings: PolicySettings): boolean {
  let found = false;
  withPrincipals(settings, (principal) => {
    found ||= principal === WITHHELD;
    return principal;
  });
  return found;
}

function withPrincipals(settings: PolicySettings, change: Change): PolicySettings {
  return POLICY_PRINCIPALS.reduce<unknown>(
    (value, path) => changedAt(value, path.split('.'), change),
    settings,
  ) as PolicySettings;
}

/** A value with what lies at a path changed, where there is anything; `list[]` stands for every element. */
function changedAt(value: unknown, [step, ...rest]: readonly string[], change: Change): unknown {
  if (value === null || value === undefined) return value;
  if (step === undefined) return change(value);
  const name = step.replace('[]', '');
  const part = (value as Readonly<Record<string, unknown>>)[name];
  if (part === undefined) return value;
  const changed = Array.isArray(part)
    ? part.map((item) => changedAt(item, rest, change))
    : changedAt(part, rest, change);
  return { ...value, [name]: changed };
}
