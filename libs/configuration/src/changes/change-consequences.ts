import { type ConnectionState, changedVouching, type PolicyState } from '#libs/domain';
import type { Consequences, SingleChanges } from '../connections/single-changes.js';
import type { PlannedChange, PlannedCommand } from '../plan-configuration.js';
import { changeByCommand } from '../policies/policy-changes.js';
import { asItIs, type HoldableChange, planned, type Target } from './holdable-change.js';

const NOTHING: Consequences = { changes: [], losses: [], warnings: [], remarks: [], confirm: null };

/**
 * What a change would take from people, and what must be confirmed: the same as whoever asked was told, as things stand now. Something new
 * and a switch take nothing.
 */
export async function consequencesOf(
  changes: SingleChanges,
  change: HoldableChange,
  from: Target,
): Promise<Consequences> {
  const { kind, tenant, id } = change;
  const command = asItIs(change, from.state);
  // why it is done is not what is confirmed
  const weighed = { ...command, data: { ...command.data, reason: null } } as PlannedCommand;
  const of = (what: Pick<PlannedChange, 'action' | 'changed' | 'command'>, more: readonly string[] = []) =>
    changes.consequences({ kind, tenant, id, ...what }, more);
  switch (weighed.type) {
    case 'RemoveConnection':
    case 'RetireRole':
    case 'RemovePolicy':
      return of({ action: 'remove', changed: [], command: weighed });
    case 'ConfigureConnection': {
      if (from.version === null) return NOTHING;
      const state = from.state as ConnectionState;
      const detached = { ...weighed, data: { ...weighed.data, detach: true } };
      const changed = changes.changedSettings(state, tenant, detached);
      return of({ action: 'change', changed, command: detached }, await vouchedAnew(changes, change, state));
    }
    case 'ConfigurePolicy': {
      const found = changeByCommand(weighed, from.state as PolicyState, planned(tenant));
      return found ? of({ ...found, command: weighed }) : NOTHING;
    }
    default:
      return NOTHING;
  }
}

async function vouchedAnew(
  changes: SingleChanges,
  { tenant, command }: HoldableChange,
  state: ConnectionState,
): Promise<string[]> {
  if (command.type !== 'ConfigureConnection' || state.written === null) return [];
  const paths = changedVouching(state.written, command.data.settings);
  if (command.data.detach && state.managedBy === 'config') paths.push('managedBy');
  if (paths.length === 0 || !(await changes.isReliedUpon(state, tenant))) return [];
  return [vouchingWarning(state.id, paths)];
}

/** What has to be confirmed when others vouch for people who are linked. */
export function vouchingWarning(connection: string, paths: readonly string[]): string {
  return `Connection ${connection} changes who vouches for people, or for whom (${paths.join(', ')}). Whoever it names as one who is known here comes into that account.`;
}
