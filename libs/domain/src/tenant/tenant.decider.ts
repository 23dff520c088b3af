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
  /** Since when each schedule of reports counts, ISO-8601, by its id: since it is there, or its times changed; no other change moves it. */
  readonly reportsSince: ReadonlyMap<string, string>;
}

/** A customer organisation: what holds for all of its directories, connections and accounts. */
export const tenantDecider: Decider<ConfigureTenant, TenantState, TenantEvent> = {
  initialState: { id: '', settings: null, reportsSince: new Map() },
  decide({ data }, state) {
    const { tenant, settings, reason } = data;
    if (state.settings === null) return [{ type: 'TenantRegistered', data: { tenant, settings, reason } }];
    const changed = changedPaths(state.settings, settings);
    return changed.length > 0 ? [{ type: 'TenantChanged', data: { tenant, settings, changed, reason } }] : [];
  },
  evolve: (state, event) => evolve(state, event as RecordedEvent & TenantEvent),
};

function evolve(state: TenantState, event: RecordedEvent & TenantEvent): TenantState {
  switch (event.type) {
    case 'TenantRegistered':
    case 'TenantChanged': {
      const { tenant: id, settings } = event.data;
      return { id, settings, reportsSince: reportsSince(state, settings, event.recordedAt) };
    }
    default:
      throw new TypeError(`A tenant cannot fold ${(event as { type: string }).type}.`);
  }
}

/** What an edit of something else would move would never come, if it is edited often enough. */
function reportsSince(before: TenantState, { timeZone, reports }: TenantSettings, now: string): Map<string, string> {
  const sameZone = before.settings?.timeZone === timeZone;
  const times = new Map(before.settings?.reports.map(({ id, schedule }) => [id, schedule]));
  return new Map(
    reports.map(({ id, schedule }) => {
      const unmoved = sameZone && times.get(id) === schedule;
      return [id, (unmoved && before.reportsSince.get(id)) || now];
    }),
  );
}
