import type { RoleEvent } from '#libs/contracts';
import {
  type ChangeLookedAt,
  type ConnectionState,
  changedPaths,
  connectionDecider,
  type PolicyState,
  policyDecider,
  type RoleState,
  roleDecider,
} from '#libs/domain';
import {
  type Command,
  type CommandMetadata,
  type Decider,
  DomainError,
  type DomainEvent,
  type RecordedEvent,
} from '#libs/kernel';
import type { PlannedCommand } from '../plan-configuration.js';
import { ChangeOutdatedError } from './change.errors.js';

/** What can wait for a second person. */
export type ChangeKind = 'connection' | 'role' | 'policy';

/** A command of a change that can wait; its metadata comes when it is made. */
export type HoldableCommand = Extract<
  PlannedCommand,
  {
    readonly type:
      | 'ConfigureConnection'
      | 'SwitchConnection'
      | 'RemoveConnection'
      | 'DefineRole'
      | 'RetireRole'
      | 'ConfigurePolicy'
      | 'RemovePolicy';
  }
>;

/** A change of one connection, role or policy, as it can be kept. Secrets are fingerprints. */
export interface HoldableChange {
  readonly kind: ChangeKind;
  readonly tenant: string;
  readonly id: string;
  readonly command: HoldableCommand;
  /** Whether a role is taken out of the care of the configuration file; other commands say so themselves. */
  readonly detach?: boolean;
  /** Whether it stays enabled or disabled as it is when the change is made, whatever the command says. */
  readonly keepsEnabled?: boolean;
  /** Where the command says that: how often the target had been switched on or off before. Another switch since makes it another question. */
  readonly switches?: number;
}

/** What a change is made from; each kind as its stream tells it. */
export type TargetState = ConnectionState | RoleState | PolicyState;

/** The same, with the version that a change counts from; null while there is nothing of this id, or no more. */
export interface Target {
  readonly state: TargetState;
  readonly version: number | null;
}

/** A target as far as its stream was followed. */
interface Followed {
  readonly state: TargetState;
  /** Facts so far: roles have no other version. */
  readonly facts: number;
  readonly switches: number;
}

type AnyDecider = Decider<Command, TargetState, DomainEvent>;

const DECIDERS: Readonly<Record<ChangeKind, AnyDecider>> = {
  connection: connectionDecider as unknown as AnyDecider,
  role: roleDecider as unknown as AnyDecider,
  policy: policyDecider as unknown as AnyDecider,
};

/** The target as it stands. @param facts how many facts its stream has; only a role needs it */
export function targetOf(kind: ChangeKind, state: TargetState, facts = 0): Target {
  const isThere = state.status === 'present' || state.status === 'live';
  if (!isThere) return { state, version: null };
  return { state, version: kind === 'role' ? facts : (state as ConnectionState | PolicyState).version };
}

/** The target after some of its events. */
export function targetAfter(kind: ChangeKind, events: readonly RecordedEvent[]): Target {
  const { state, facts } = followed(kind, events);
  return targetOf(kind, state, facts);
}

/** A change with what else must still be so when it is made. @param events of its target so far */
export function asAsked(change: HoldableChange, events: readonly RecordedEvent[]): HoldableChange {
  const switches = !change.keepsEnabled && 'enabled' in change.command.data;
  return switches ? { ...change, switches: followed(change.kind, events).switches } : change;
}

/** Whether a change is about its target as that stands. @param ofVersion the version that it was made from; null where there was none */
export function fits(change: HoldableChange, ofVersion: number | null, events: readonly RecordedEvent[]): boolean {
  return isAsAsked(change, ofVersion, followed(change.kind, events));
}

function isAsAsked(
  { kind, switches }: HoldableChange,
  ofVersion: number | null,
  { state, facts, switches: found }: Followed,
): boolean {
  return targetOf(kind, state, facts).version === ofVersion && (switches === undefined || switches === found);
}

const followed = (kind: ChangeKind, events: readonly RecordedEvent[]): Followed =>
  events.reduce((before, event) => follow(kind, before, event), begin(kind));

const begin = (kind: ChangeKind): Followed => ({ state: DECIDERS[kind].initialState, facts: 0, switches: 0 });

function follow(kind: ChangeKind, { state, facts, switches }: Followed, event: RecordedEvent): Followed {
  const next = DECIDERS[kind].evolve(state, event);
  return { state: next, facts: facts + 1, switches: switches + (isOn(next) === isOn(state) ? 0 : 1) };
}

const isOn = (state: TargetState): boolean => 'enabled' in state && state.enabled;

/** The target as it was when it last had a version; as it was before anything for null. */
export function targetAt(kind: ChangeKind, events: readonly RecordedEvent[], version: number | null): Target {
  const { initialState, evolve } = DECIDERS[kind];
  let [state, found] = [initialState, targetOf(kind, initialState)];
  for (const [index, event] of version === null ? [] : events.entries()) {
    state = evolve(state, event);
    const target = targetOf(kind, state, index + 1);
    if (target.version === version) found = target;
  }
  return found;
}

/**
 * Makes a change that waited, and throws `ChangeOutdatedError` where it fits no more: only of what it was made from, and as far as its
 * kind allows it.
 * @param ofVersion the target's version that it was made from; null where there was none
 */
export function heldDecider(change: HoldableChange, ofVersion: number | null): Decider<Command, Followed, DomainEvent> {
  return {
    initialState: begin(change.kind),
    decide({ metadata }, now) {
      if (!isAsAsked(change, ofVersion, now)) throw new ChangeOutdatedError();
      try {
        return eventsOf(change, now.state, metadata);
      } catch (error) {
        throw error instanceof DomainError ? new ChangeOutdatedError() : error;
      }
    },
    evolve: (before, event) => follow(change.kind, before, event),
  };
}

/** The facts that follow from a change of a target as it stands. @throws what the decider of its kind throws */
export function eventsOf(
  change: HoldableChange,
  state: TargetState,
  metadata: CommandMetadata,
): readonly DomainEvent[] {
  const { kind, command, detach = false } = change;
  if (command.type === 'DefineRole' && detach) return detached(command, state as RoleState, metadata);
  return DECIDERS[kind].decide({ ...asItIs(change, state), metadata }, state);
}

/** What is detached is decided as if it were ours already. */
function detached(
  command: Extract<HoldableCommand, { type: 'DefineRole' }>,
  state: RoleState,
  metadata: CommandMetadata,
): readonly RoleEvent[] {
  const events = roleDecider.decide({ ...command, metadata }, { ...state, managedBy: 'api' });
  if (events.length > 0 || state.managedBy === 'api') return events;
  return [{ type: 'RoleChanged', data: command.data }];
}

/** The command of a change, with what it leaves to the target as that stands. */
export function asItIs({ command, keepsEnabled = false }: HoldableChange, state: TargetState): HoldableCommand {
  if (!keepsEnabled || !('enabled' in state) || !('enabled' in command.data)) return command;
  return { ...command, data: { ...command.data, enabled: state.enabled } } as HoldableCommand;
}

/** The target as a change would leave it. Nothing is recorded. @throws what the decider of its kind throws */
export function stateAfter(change: HoldableChange, state: TargetState): TargetState {
  const { evolve } = DECIDERS[change.kind];
  const events = eventsOf(change, state, planned(change.tenant));
  return events.reduce((after, event) => evolve(after, { ...event, id: '', recordedAt: '' } as never), state);
}

/** Settings by name; secrets are fingerprints. */
export type Settings = Readonly<Record<string, unknown>>;

/** Everything about a target that a change may be about, by name; null while there is nothing. */
export function settingsOf(kind: ChangeKind, target: Target): Settings | null {
  if (target.version === null) return null;
  if (kind === 'role') {
    const { settings, owner, managedBy } = target.state as RoleState;
    return { ...settings, owner, managedBy };
  }
  const { enabled, managedBy } = target.state as ConnectionState | PolicyState;
  const settings =
    kind === 'policy' ? (target.state as PolicyState).settings : (target.state as ConnectionState).written;
  return { ...settings, enabled, managedBy };
}

/** Names of the settings that differ, sorted; none where something comes or goes. */
export function settingsChanged(before: Settings | null, after: Settings | null): string[] {
  return before === null || after === null ? [] : changedPaths(before, after);
}

/** Both sides of a change, as the question is put which areas it touches. */
export function lookedAt(kind: ChangeKind, before: Target, after: Target): ChangeLookedAt {
  switch (kind) {
    case 'connection':
      return { kind, before: connectionSide(before), after: connectionSide(after) };
    case 'role':
      return { kind, before: roleSide(before), after: roleSide(after) };
    case 'policy':
      return { kind, before: policySide(before), after: policySide(after) };
  }
}

function connectionSide({ state, version }: Target) {
  const { written, enabled } = state as ConnectionState;
  return version === null || written === null ? null : { settings: written, enabled };
}

function roleSide({ state, version }: Target) {
  const { settings, owner } = state as RoleState;
  return version === null || settings === null ? null : { settings, owner };
}

function policySide({ state, version }: Target) {
  const { settings, enabled } = state as PolicyState;
  return version === null ? null : { settings, enabled };
}

/** Deciders of settings look at the settings alone: a plan needs no real command. */
export function planned(tenant: string): CommandMetadata {
  const actor = { kind: 'system', id: 'plan' } as const;
  return { tenant, actor, commandId: '', commandDigest: '', correlationId: '', now: '', deriveId: (name) => name };
}
