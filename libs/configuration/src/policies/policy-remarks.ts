import type { CatalogView } from '#libs/catalog';
import type { ReviewPolicy } from '#libs/contracts';
import type { PlannedChange } from '../plan-configuration.js';

/** Says what somebody who writes such a policy may not expect. Nothing of it has to be confirmed. Pure. */
export function policyRemarks(changes: readonly PlannedChange[], catalog: CatalogView): string[] {
  return changes.flatMap(({ tenant, id, command }) => {
    if (command.type !== 'ConfigurePolicy' || command.data.settings.kind !== 'review') return [];
    const { settings } = command.data;
    return [
      ...(settings.noResponse === 'revoke' ? [silenceRevokes(id)] : []),
      ...(settings.carryForward && isAboutPrivileged(settings, tenant, changes, catalog) ? [askedAgain(id)] : []),
    ];
  });
}

const silenceRevokes = (id: string) =>
  `Policy ${id} revokes what nobody has decided, but only where a reviewer was told by mail and reminded: without SMTP_URL everything is kept.`;
const askedAgain = (id: string) =>
  `Policy ${id} carries decisions forward, but never for privileged roles: those are asked about each time.`;

function isAboutPrivileged(
  { scope }: ReviewPolicy,
  tenant: string,
  changes: readonly PlannedChange[],
  catalog: CatalogView,
): boolean {
  const isPrivileged = (role: string) => {
    const change = changes.find((each) => each.kind === 'role' && each.tenant === tenant && each.id === role);
    const settings =
      change?.command.type === 'DefineRole' ? change.command.data.settings : catalog.role(tenant, role)?.settings;
    return settings?.privileged ?? false;
  };
  return scope.privileged || scope.roles.some(isPrivileged);
}
