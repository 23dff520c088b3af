import type { TenantEvent, TenantSettings } from '#libs/contracts';
import type { Command, Decider, RecordedEvent } from '#libs/kernel';
import { changedPaths } from '../changed-paths.js';

/** Makes a tenant known, or changes it to the settings given. */
export type ConfigureTenant = Command<
  'ConfigureTenant',
  { readonly tenant: string; readonly settings: TenantSettings; readonly reason: string | null }
>;

/** A tenant as a fold of its stream. */
export interface TenantState {
  readonly id: string;
  readonly settings: TenantSettings | null;
}

/** A customer organisation: what holds for all of its directories, connections and accounts. */
export const tenantDecider: Decider<ConfigureTenant, TenantState, TenantEvent> = {
  initialState: { id: '', settings: null },
  decide({ data }, state) {
    const { tenant, settings, reason } = data;
    if (state.settings === null) return [{ type: 'TenantRegistered', data: { tenant, settings, reason } }];
    const changed = changedPaths(state.settings, settings);
    return changed.length > 0 ? [{ type: 'TenantChanged', data: { tenant, settings, changed, reason } }] : [];
  },
  evolve: (state, event) => evolve(state, event as RecordedEvent & TenantEvent),
};

function evolve(_state: TenantState, event: TenantEvent): TenantState {
  switch (event.type) {
    case 'TenantRegistered':
    case 'TenantChanged':
      return { id: event.data.tenant, settings: event.data.settings };
    default:
      throw new TypeError(`A tenant cannot fold ${(event as { type: string }).type}.`);
  }
}
