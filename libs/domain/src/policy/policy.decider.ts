import type { PolicyEvent, PolicySettings } from '#libs/contracts';
import { type Command, type Decider, DomainError, type RecordedEvent } from '#libs/kernel';
import { changedPaths } from '../changed-paths.js';
import { ManagedByConfigError } from '../connection/connection.errors.js';

type ManagedBy = 'config' | 'api';

/** Brings a policy into force, or changes it to the settings given. */
export type ConfigurePolicy = Command<
  'ConfigurePolicy',
  {
    readonly policy: string;
    readonly settings: PolicySettings;
    readonly enabled: boolean;
    readonly managedBy: ManagedBy;
    readonly detach?: boolean;
    /** Version that the settings were made from; another one now is refused. */
    readonly ifVersion?: number;
    readonly reason: string | null;
  }
>;
/** Puts a policy in force, or out of force. */
export type SwitchPolicy = Command<
  'SwitchPolicy',
  { readonly enabled: boolean; readonly managedBy: ManagedBy; readonly reason: string | null }
>;
/** Removes a policy for good. */
export type RemovePolicy = Command<
  'RemovePolicy',
  { readonly managedBy: ManagedBy; readonly ifVersion?: number; readonly reason: string | null }
>;
export type PolicyCommand = ConfigurePolicy | SwitchPolicy | RemovePolicy;

/** A policy as a fold of its stream. */
export interface PolicyState {
  readonly id: string;
  readonly status: 'absent' | 'present' | 'removed';
  /** Rises by one with every change of settings, also over a removal; 1 at first. */
  readonly version: number;
  readonly enabled: boolean;
  /** The last ones, also of a removed policy; null before there were any. */
  readonly settings: PolicySettings | null;
  readonly managedBy: ManagedBy;
  /** When it last changed, was switched or removed, ISO-8601; empty before. */
  readonly since: string;
  /** Since when its schedule counts, ISO-8601: since it was last switched on, or its times changed; no other change moves it. */
  readonly scheduledSince: string;
}

/** No such policy. */
export class PolicyNotFoundError extends DomainError {
  readonly code = 'policy-not-found';
  readonly kind = 'notFound';
  constructor() {
    super('There is no such policy.');
  }
}

/** The settings have changed since they were read. */
export class PolicyStaleError extends DomainError {
  readonly code = 'policy-stale';
  readonly kind = 'stale';
  constructor(version: number) {
    super(`The policy has changed: it is at version ${version}. Read it again, then send If-Match with its version.`);
  }
}

/** What a policy decided stands under its id: it cannot become a policy of another kind. */
export class PolicyKindFixedError extends DomainError {
  readonly code = 'policy-kind-fixed';
  readonly kind = 'conflict';
  constructor(id: string, kind: string) {
    super(
      `The policy ${id} is of the kind ${kind}, and a policy keeps its kind. Remove it first, or choose another id.`,
    );
  }
}

/** A policy is versioned and every change of it is a fact. An id can be used again after a removal; its versions go on. */
export const policyDecider: Decider<PolicyCommand, PolicyState, PolicyEvent> = {
  initialState: {
    id: '',
    status: 'absent',
    version: 0,
    enabled: false,
    settings: null,
    managedBy: 'api',
    since: '',
    scheduledSince: '',
  },
  decide(command, state) {
    if (command.type === 'ConfigurePolicy') return configure(command.data, state);
    if (state.status !== 'present') throw new PolicyNotFoundError();
    if (state.managedBy === 'config' && command.data.managedBy === 'api') throw managed(state.id);
    const { reason } = command.data;
    if (command.type === 'SwitchPolicy') return switchTo(command.data.enabled, state.id, state.enabled, reason);
    refuseStale(command.data.ifVersion, state);
    return [{ type: 'PolicyRemoved', data: { policy: state.id, reason } }];
  },
  evolve: (state, event) => evolve(state, event as RecordedEvent & PolicyEvent),
};

function configure(data: ConfigurePolicy['data'], state: PolicyState): PolicyEvent[] {
  const { policy, settings, enabled, managedBy, reason } = data;
  refuseStale(data.ifVersion, state);
  if (state.status !== 'present' || state.settings === null)
    return [{ type: 'PolicyDefined', data: { policy, settings, enabled, managedBy, reason } }];
  if (state.managedBy === 'config' && managedBy === 'api' && !data.detach) throw managed(policy);
  if (state.settings.kind !== settings.kind) throw new PolicyKindFixedError(policy, state.settings.kind);
  const changed = changedPaths(state.settings, settings);
  if (managedBy !== state.managedBy) changed.push('managedBy');
  return [
    ...(changed.length > 0
      ? [{ type: 'PolicyChanged' as const, data: { policy, settings, changed, managedBy, reason } }]
      : []),
    ...switchTo(enabled, policy, state.enabled, reason),
  ];
}

const managed = (id: string) => new ManagedByConfigError(`The policy ${id}`);

/** What is not there has no version that settings could have been made from. */
function refuseStale(ifVersion: number | undefined, { status, version }: PolicyState): void {
  if (ifVersion === undefined) return;
  if (status !== 'present') throw new PolicyNotFoundError();
  if (ifVersion !== version) throw new PolicyStaleError(version);
}

function switchTo(enabled: boolean, policy: string, now: boolean, reason: string | null): PolicyEvent[] {
  if (enabled === now) return [];
  return [{ type: enabled ? 'PolicyEnabled' : 'PolicyDisabled', data: { policy, reason } }];
}

/** Settings that say at what times a policy does something. */
const TIMES: ReadonlySet<string> = new Set(['schedule', 'timeZone']);

function evolve(state: PolicyState, event: RecordedEvent & PolicyEvent): PolicyState {
  const since = event.recordedAt;
  switch (event.type) {
    case 'PolicyDefined': {
      const { policy, settings, enabled, managedBy } = event.data;
      const version = state.version + 1;
      return { id: policy, status: 'present', version, enabled, settings, managedBy, since, scheduledSince: since };
    }
    case 'PolicyChanged': {
      const { settings, managedBy, changed } = event.data;
      const scheduledSince = changed.some((path) => TIMES.has(path)) ? since : state.scheduledSince;
      return { ...state, version: state.version + 1, settings, managedBy, since, scheduledSince };
    }
    case 'PolicyEnabled':
      return { ...state, enabled: true, since, scheduledSince: since };
    case 'PolicyDisabled':
      return { ...state, enabled: false, since };
    case 'PolicyRemoved':
      return { ...state, enabled: false, status: 'removed', since };
    default:
      throw new TypeError(`A policy cannot fold ${(event as { type: string }).type}.`);
  }
}
