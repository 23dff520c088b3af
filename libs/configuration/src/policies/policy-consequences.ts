import type { CatalogView, InTenant } from '#libs/catalog';
import type { PolicySettings, SodPolicy } from '#libs/contracts';
import {
  accountDecider,
  conflictsOf,
  type PolicyState,
  rolesHeld,
  type SodConflict,
  sameJson,
  sodRules,
} from '#libs/domain';
import { readAggregate, type WritePath } from '#libs/event-store';
import { streamName } from '#libs/kernel';
import type { PlannedChange } from '../plan-configuration.js';
import type { StandingGrants } from '../standing-grants/standing-grants.js';

/** Accounts that a warning names; the list of violations has the others. */
const ACCOUNTS_NAMED_MAX = 10;

/** What a look at today's people reads. Catch up on standing grants first. */
export interface PolicyConsequencesDependencies {
  readonly standing: Pick<StandingGrants, 'pagesOf'>;
  readonly path: Pick<WritePath, 'store' | 'codec'>;
}

/** A policy as it would be. */
interface PolicyAfter {
  readonly id: string;
  readonly enabled: boolean;
  readonly settings: PolicySettings;
}

/**
 * Warns of roles that are retired although a policy names them, and of people who hold conflicting roles of a policy that is about to keep
 * such roles apart. Reads every account that holds two of the roles; changes nothing.
 * @returns a sentence for each, to be confirmed
 * @param now ISO-8601 UTC
 */
export async function policyWarnings(
  dependencies: PolicyConsequencesDependencies,
  changes: readonly PlannedChange[],
  catalog: CatalogView,
  now: string,
): Promise<string[]> {
  const warnings = changes.flatMap((change) =>
    change.kind === 'role' && change.action === 'remove' ? namedByPolicies(change, changes, catalog) : [],
  );
  for (const { tenant, policy, settings, version } of becomingPreventive(changes, catalog)) {
    const found = await violations(dependencies, { tenant, policy, settings, version, catalog, now });
    if (found.size > 0) warnings.push(violationWarning(policy, found));
  }
  return warnings;
}

function namedByPolicies(retired: PlannedChange, changes: readonly PlannedChange[], catalog: CatalogView): string[] {
  return policiesAfter(retired.tenant, changes, catalog)
    .filter(({ settings }) => rolesNamedBy(settings).has(retired.id))
    .map(
      ({ id }) =>
        `Role ${retired.id} is retired, and policy ${id} of tenant ${retired.tenant} names it: the policy stays, and finds nobody by that role any more.`,
    );
}

/** Roles that a policy names one by one. */
function rolesNamedBy(settings: PolicySettings): ReadonlySet<string> {
  if (settings.kind === 'review') return new Set(settings.scope.roles);
  if (settings.kind === 'sod') return new Set(settings.roles.flat());
  return new Set(settings.kind === 'elevation' ? settings.roles : []);
}

/** The policies of a tenant as the changes would leave them. */
function policiesAfter(tenant: string, changes: readonly PlannedChange[], catalog: CatalogView): PolicyAfter[] {
  const after = new Map<string, PolicyAfter>();
  for (const { id, enabled, settings } of catalog.policies(tenant))
    if (settings) after.set(id, { id, enabled, settings });
  for (const { kind, tenant: whose, id, command } of changes) {
    if (kind !== 'policy' || whose !== tenant) continue;
    if (command.type === 'RemovePolicy') after.delete(id);
    if (command.type !== 'ConfigurePolicy') continue;
    const { enabled, settings } = command.data;
    after.set(id, { id, enabled, settings });
  }
  return [...after.values()];
}

interface BecomingPreventive {
  readonly tenant: string;
  readonly policy: string;
  readonly settings: SodPolicy;
  readonly version: number;
}

/** Policies that would keep roles apart which nothing keeps apart now. */
function becomingPreventive(changes: readonly PlannedChange[], catalog: CatalogView): BecomingPreventive[] {
  return changes.flatMap(({ tenant, id, command }) => {
    const before = catalog.policy(tenant, id);
    const after = settingsAfter(command, before);
    if (after?.kind !== 'sod' || after.mode !== 'preventive' || isKeptApart(after, before)) return [];
    return [{ tenant, policy: id, settings: after, version: (before?.version ?? 0) + 1 }];
  });
}

/** Settings that a command would put in force; null for one that puts none in force. */
function settingsAfter(command: PlannedChange['command'], before: PolicyState | undefined): PolicySettings | null {
  if (command.type === 'ConfigurePolicy') return command.data.enabled ? command.data.settings : null;
  return command.type === 'SwitchPolicy' && command.data.enabled ? (before?.settings ?? null) : null;
}

function isKeptApart({ roles }: SodPolicy, before: InTenant<PolicyState> | undefined): boolean {
  if (before?.status !== 'present' || !before.enabled || before.settings?.kind !== 'sod') return false;
  return before.settings.mode === 'preventive' && sameJson(before.settings.roles, roles);
}

interface Asked extends BecomingPreventive {
  readonly catalog: CatalogView;
  readonly now: string;
}

/** What each active account without an exception holds against the policy. The accounts' own streams have the last word. */
async function violations(
  { standing, path }: PolicyConsequencesDependencies,
  { tenant, policy, settings, version, catalog, now }: Asked,
): Promise<ReadonlyMap<string, SodConflict>> {
  const holders = new Map<string, Set<string>>();
  for (const role of settings.roles.flat()) {
    for await (const page of standing.pagesOf({ tenant, role }, now)) {
      for (const { account, grants } of page)
        if (grants.length > 0) holders.set(account, (holders.get(account) ?? new Set()).add(role));
    }
  }
  const exceptions = catalog.sodExceptions(tenant);
  const conflicts = (account: string, roles: Iterable<string>) =>
    conflictsOf(roles, sodRules([{ id: policy, version, enabled: true, settings }], exceptions, account, now));
  const found = new Map<string, SodConflict>();
  for (const [account, roles] of holders) {
    if (conflicts(account, roles).length === 0) continue;
    const stream = streamName({ category: 'account', tenant, id: account });
    const { state } = await readAggregate(path, stream, accountDecider);
    const [conflict] = conflicts(account, rolesHeld(state, now));
    if (conflict) found.set(account, conflict);
  }
  return found;
}

function violationWarning(policy: string, found: ReadonlyMap<string, SodConflict>): string {
  const accounts = [...found.keys()].sort();
  const named = accounts.slice(0, ACCOUNTS_NAMED_MAX).join(', ');
  const more = accounts.length > ACCOUNTS_NAMED_MAX ? `, and ${accounts.length - ACCOUNTS_NAMED_MAX} more` : '';
  const roles = [...new Set([...found.values()].flatMap(({ held }) => held.flat()))].sort().join(', ');
  const people = found.size === 1 ? '1 account holds' : `${found.size} accounts hold`;
  return `Policy ${policy} would keep roles apart that ${people} together today (${roles}). They keep them, as violations, and nobody else gets them together: ${named}${more}.`;
}
