import type { CatalogView, InTenant } from '#libs/catalog';
import type { ConformancePolicy, FindingAction, FindingKind, SodPolicy, WatchPolicy } from '#libs/contracts';
import { type PolicyState, SILENT_AFTER_MS } from '#libs/domain';
import { durationMs } from '#libs/kernel';
import type { FindingOf } from './candidate.js';

/** What is looked after in a tenant: because a policy asks for it, or because everybody wants to know. */
export interface Watch extends FindingOf {
  /** ISO-8601 duration; null: what the kind takes by itself. */
  readonly after: string | null;
  readonly action: FindingAction;
  /** Most accounts on which one run acts. */
  readonly maxPerRun: number;
  /** Who answers for what is found, where the policy names somebody. */
  readonly owner: string | null;
  /** Settings of a policy whose kind has more of them. */
  readonly sod: SodPolicy | null;
  readonly conformance: ConformancePolicy | null;
}

/** Kinds that need no policy. Where a tenant has a policy of such a kind, that says everything: switched off, it switches the kind off. */
const BUILT_IN = [
  'orphan',
  'unresolved',
  'unknownGroups',
  'unsponsored',
  'insight',
] as const satisfies readonly FindingKind[];

/** Everything that is looked after in a tenant now. */
export function watchesOf(catalog: CatalogView, tenant: string): Watch[] {
  const policies = catalog.policies(tenant);
  const kinds = new Set(policies.map(({ settings }) => settings?.kind));
  const builtIn = BUILT_IN.filter((kind) => !kinds.has(kind)).map((kind) => builtInWatch(tenant, kind));
  return [...policies.filter(({ enabled }) => enabled).flatMap(watchOf), ...builtIn];
}

/** What a policy asks to be looked after; nothing for policies of other kinds. */
export function watchOf({ tenant, id, version, settings }: InTenant<PolicyState>): Watch[] {
  const policy = { id, version };
  if (settings === null) return [];
  switch (settings.kind) {
    case 'sod':
      return [{ ...QUIET, tenant, kind: 'sod', policy, owner: settings.owner, sod: settings }];
    case 'conformance': {
      const { action, maxPerRun, owner } = settings;
      return [{ ...QUIET, tenant, kind: 'conformance', policy, action, maxPerRun, owner, conformance: settings }];
    }
    case 'review':
    case 'elevation':
      return [];
    default: {
      const { kind, after, action, maxPerRun, owner }: WatchPolicy = settings;
      return [{ ...QUIET, tenant, kind, policy, after, action, maxPerRun, owner }];
    }
  }
}

const QUIET = { after: null, action: 'finding', maxPerRun: 0, owner: null, sod: null, conformance: null } as const;

const builtInWatch = (tenant: string, kind: FindingKind): Watch => ({ ...QUIET, tenant, kind, policy: null });

/**
 * How long nobody may have come through a connection of a tenant before its accounts have nobody behind them, milliseconds: the shortest time
 * that a policy on orphans says, 30 days without one. Findings and reviews of orphans mean the same accounts.
 */
export function silentAfterMs(catalog: CatalogView, tenant: string): number {
  const said = watchesOf(catalog, tenant).flatMap(({ kind, after }) =>
    kind === 'orphan' && after !== null ? [durationMs(after)] : [],
  );
  return said.length > 0 ? Math.min(...said) : SILENT_AFTER_MS;
}
