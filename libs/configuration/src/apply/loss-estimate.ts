import type { CatalogView } from '#libs/catalog';
import { type ConnectionState, connectionDecider, ownedDomains } from '#libs/domain';
import type { CommandMetadata } from '#libs/kernel';
import type { PlannedChange } from '../plan-configuration.js';
import { evaluateRules, type RuleEvaluationDependencies, type RulesInForce } from '../rules/rule-evaluation.js';

/** Grants that a plan would end. */
export interface Loss {
  readonly tenant: string;
  /** Whose rules gave them; null for grants by hand of roles that are retired. */
  readonly connection: string | null;
  /** Grants that would end. */
  readonly losing: number;
  /** Grants of this connection, or by hand of those roles, that stand now. */
  readonly of: number;
  /** `guard.maxLossPercent` of the tenant as it is in force now. */
  readonly limitPercent: number;
}

/** What an estimate reads; `onProgress` is told how many accounts were looked at so far. */
export interface LossEstimateDependencies extends RuleEvaluationDependencies {
  readonly onProgress?: ((accounts: number) => void) | undefined;
}

/** Settings whose change can take a role back without a sign-in. */
const RULE_SETTINGS: ReadonlySet<string> = new Set(['rules', 'groups', 'attributes', 'authenticationContexts']);

/** Whether a change of these settings asks for the rules to be evaluated anew. */
export const touchesRules = (changed: readonly string[]): boolean => changed.some((name) => RULE_SETTINGS.has(name));

/** Limit of a tenant whose settings are not known yet, percent. */
const DEFAULT_LIMIT_PERCENT = 10;

/**
 * Counts the grants that a plan would end, per connection: by changed rules, retired roles and removed connections. Connections that lose
 * nothing are left out. Reads every account concerned; changes nothing. Catch up on standing grants first.
 */
export async function estimateLosses(
  dependencies: LossEstimateDependencies,
  plan: readonly PlannedChange[],
  catalog: CatalogView,
  now: string,
): Promise<Loss[]> {
  const losses: Loss[] = [];
  const progress = counter(dependencies.onProgress);
  for (const tenant of new Set(plan.map((change) => change.tenant))) {
    const changes = plan.filter((change) => change.tenant === tenant);
    const limitPercent = catalog.tenant(tenant)?.settings?.guard.maxLossPercent ?? DEFAULT_LIMIT_PERCENT;
    const roles = rolesAfter(changes, catalog.liveRoles(tenant));
    for (const state of catalog.connections(tenant)) {
      const after = rulesAfter(state, changes, { tenant, liveRoles: roles.live });
      if (after === 'unchanged' && roles.retired.size === 0) continue;
      const counted = await lossOf(dependencies, { tenant, state, after, retired: roles.retired, now, progress });
      losses.push({ tenant, connection: state.id, ...counted, limitPercent });
    }
    if (roles.retired.size > 0) {
      const losing = await grantsByHand(dependencies, tenant, roles.retired, now);
      losses.push({ tenant, connection: null, losing, of: losing, limitPercent });
    }
  }
  return losses.filter(({ losing }) => losing > 0);
}

interface Concerned {
  readonly tenant: string;
  readonly state: ConnectionState;
  readonly after: RulesInForce | 'unchanged' | 'removed';
  readonly retired: ReadonlySet<string>;
  readonly now: string;
  readonly progress: () => void;
}

async function lossOf(
  dependencies: LossEstimateDependencies,
  { tenant, state, after, retired, now, progress }: Concerned,
): Promise<{ losing: number; of: number }> {
  let [losing, of] = [0, 0];
  if (typeof after === 'object') {
    for await (const { held, lost } of evaluateRules(dependencies, after, now)) {
      progress();
      of += held.length;
      losing += held.filter(({ id, role }) => lost.has(id) || retired.has(role)).length;
    }
    return { losing, of };
  }
  for await (const page of dependencies.standing.pagesOf({ tenant, connection: state.id }, now)) {
    const grants = page.flatMap((holder) => holder.grants);
    of += grants.length;
    losing += after === 'removed' ? grants.length : grants.filter(({ role }) => retired.has(role)).length;
  }
  return { losing, of };
}

async function grantsByHand(
  { standing }: LossEstimateDependencies,
  tenant: string,
  roles: ReadonlySet<string>,
  now: string,
): Promise<number> {
  let count = 0;
  for (const role of roles) {
    for await (const page of standing.pagesOf({ tenant, role }, now))
      count += page.flatMap(({ grants }) => grants).filter(({ source }) => source.connection === null).length;
  }
  return count;
}

function rolesAfter(changes: readonly PlannedChange[], live: ReadonlySet<string>) {
  const roles = changes.filter(({ kind }) => kind === 'role');
  const retired = new Set(roles.filter(({ action }) => action === 'remove').map(({ id }) => id));
  const defined = roles.filter(({ action }) => action !== 'remove').map(({ id }) => id);
  return { retired, live: new Set([...live, ...defined].filter((id) => !retired.has(id))) };
}

/** The rules that a connection would have, with the versions that they would get. */
function rulesAfter(
  state: ConnectionState,
  changes: readonly PlannedChange[],
  { tenant, liveRoles }: Pick<RulesInForce, 'tenant' | 'liveRoles'>,
): Concerned['after'] {
  const change = changes.find(({ kind, id }) => kind === 'connection' && id === state.id);
  if (change?.action === 'remove') return 'removed';
  if (change?.command.type !== 'ConfigureConnection' || !touchesRules(change.changed)) return 'unchanged';
  const [event] = connectionDecider.decide({ ...change.command, metadata: planned(tenant) }, state);
  if (event?.type !== 'ConnectionChanged') return 'unchanged';
  return {
    tenant,
    connection: {
      id: state.id,
      version: state.version + 1,
      settings: event.data.settings,
      ownedDomains: ownedDomains(state),
    },
    liveRoles,
  };
}

/** Deciders of settings look at the settings alone: an estimate needs no real command. */
function planned(tenant: string): CommandMetadata {
  const actor = { kind: 'system', id: 'plan' } as const;
  return { tenant, actor, commandId: '', commandDigest: '', correlationId: '', now: '', deriveId: (name) => name };
}

function counter(tell: ((count: number) => void) | undefined): () => void {
  let count = 0;
  return () => {
    count += 1;
    tell?.(count);
  };
}
