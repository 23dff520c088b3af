import type { CatalogView } from '#libs/catalog';
import { type ConfigurePolicy, type PolicyState, policyDecider } from '#libs/domain';
import type { CommandMetadata } from '#libs/kernel';
import type { PolicyConfiguration } from './policy.schema.js';
import { policySettingsOf } from './policy-settings-of.js';

const managedBy = 'config' as const;

/** A policy's part of a change; the plan adds where it goes. */
export interface PolicyChange {
  readonly action: 'create' | 'change' | 'enable' | 'disable';
  readonly changed: readonly string[];
  readonly command: Pick<ConfigurePolicy, 'type' | 'data'>;
}

/**
 * What a policy of the file changes; null when it says what holds already.
 * @throws {PolicyKindFixedError} when there is a policy of another kind under its id
 */
export function changeOfPolicy(
  policy: PolicyConfiguration,
  catalog: CatalogView,
  { metadata, reason }: { readonly metadata: CommandMetadata; readonly reason: string },
): PolicyChange | null {
  const { id, enabled } = policy;
  const state = catalog.policy(metadata.tenant, id) ?? policyDecider.initialState;
  const data = { policy: id, settings: policySettingsOf(policy), enabled, managedBy, reason };
  return changeByCommand({ type: 'ConfigurePolicy', data }, state, metadata);
}

/** What a command changes of a policy as it stands; null when nothing. @throws what the decider throws */
export function changeByCommand(
  command: PolicyChange['command'],
  state: PolicyState,
  metadata: CommandMetadata,
): PolicyChange | null {
  const events = policyDecider.decide({ ...command, metadata }, state);
  const [first] = events;
  if (!first) return null;
  if (first.type === 'PolicyDefined') return { action: 'create', changed: [], command };
  if (first.type !== 'PolicyChanged')
    return { action: command.data.enabled ? 'enable' : 'disable', changed: ['enabled'], command };
  return { action: 'change', changed: [...first.data.changed, ...(events.length > 1 ? ['enabled'] : [])], command };
}
