import type { ConnectionEvent, ConnectionSettings, MappingRule } from '#libs/contracts';
import { type Command, type Decider, DomainError, type RecordedEvent } from '#libs/kernel';
import { changedPaths, sameJson } from '../changed-paths.js';

/** A rule as an administrator writes it; the decider gives it its version. */
export type RuleAsWritten = Omit<MappingRule, 'version'>;

/** Settings as an administrator writes them. */
export type ConnectionAsWritten = Omit<ConnectionSettings, 'rules'> & { readonly rules: readonly RuleAsWritten[] };

type ManagedBy = 'config' | 'api';

/** Makes a connection known, or changes it to the settings given. */
export type ConfigureConnection = Command<
  'ConfigureConnection',
  {
    readonly connection: string;
    readonly settings: ConnectionAsWritten;
    readonly enabled: boolean;
    readonly managedBy: ManagedBy;
    readonly detach?: boolean;
    readonly reason: string | null;
  }
>;
/** Begins or stops to admit people. */
export type SwitchConnection = Command<
  'SwitchConnection',
  { readonly enabled: boolean; readonly managedBy: ManagedBy; readonly reason: string | null }
>;
/** Removes a connection for good. */
export type RemoveConnection = Command<
  'RemoveConnection',
  { readonly managedBy: ManagedBy; readonly reason: string | null }
>;
export type ConnectionCommand = ConfigureConnection | SwitchConnection | RemoveConnection;

/** A connection as a fold of its stream. */
export interface ConnectionState {
  readonly id: string;
  readonly status: 'absent' | 'present' | 'removed';
  /** Rises by one with every change of settings; 1 at first. */
  readonly version: number;
  readonly enabled: boolean;
  readonly settings: ConnectionSettings | null;
  readonly managedBy: ManagedBy;
  /** Highest version that each rule id ever had: a rule that comes back is a new version. */
  readonly ruleVersions: ReadonlyMap<string, number>;
  /** Ids of the events behind the present settings and switch, for the chain of evidence. */
  readonly lastChange: string | null;
}

/** The connection is managed by the configuration file. */
export class ManagedByConfigError extends DomainError {
  readonly code = 'managed-by-config';
  readonly kind = 'conflict';
  constructor(what: string) {
    super(`${what} is managed by the configuration file. Change it there, or detach it first.`);
  }
}

/** A removed connection cannot be changed; its id stays taken. */
export class ConnectionRemovedError extends DomainError {
  readonly code = 'connection-removed';
  readonly kind = 'conflict';
  constructor(id: string) {
    super(`The connection ${id} was removed. Choose another id: the history of this one must stay unambiguous.`);
  }
}

/** No such connection. */
export class ConnectionNotFoundError extends DomainError {
  readonly code = 'connection-not-found';
  readonly kind = 'notFound';
  constructor() {
    super('There is no such connection.');
  }
}

/** A connection is versioned and every change of it is a fact; each rule carries a version of its own. */
export const connectionDecider: Decider<ConnectionCommand, ConnectionState, ConnectionEvent> = {
  initialState: {
    id: '',
    status: 'absent',
    version: 0,
    enabled: false,
    settings: null,
    managedBy: 'api',
    ruleVersions: new Map(),
    lastChange: null,
  },
  decide(command, state) {
    if (command.type === 'ConfigureConnection') return configure(command.data, state);
    if (state.status !== 'present') throw new ConnectionNotFoundError();
    if (state.managedBy === 'config' && command.data.managedBy === 'api')
      throw new ManagedByConfigError(`The connection ${state.id}`);
    const { reason } = command.data;
    if (command.type === 'RemoveConnection')
      return [{ type: 'ConnectionRemoved', data: { connection: state.id, reason } }];
    return switchTo(command.data.enabled, state.id, state.enabled, reason);
  },
  evolve: (state, event) => evolve(state, event as RecordedEvent & ConnectionEvent),
};

function configure(data: ConfigureConnection['data'], state: ConnectionState): ConnectionEvent[] {
  const { connection, enabled, managedBy, reason } = data;
  if (state.status === 'removed') throw new ConnectionRemovedError(connection);
  if (state.status === 'present' && state.managedBy === 'config' && managedBy === 'api' && !data.detach) {
    throw new ManagedByConfigError(`The connection ${connection}`);
  }
  const settings = { ...data.settings, rules: versioned(data.settings.rules, state) };
  if (state.settings === null) {
    return [{ type: 'ConnectionRegistered', data: { connection, settings, enabled, managedBy, reason } }];
  }
  const changed = changedPaths(state.settings, settings);
  if (managedBy !== state.managedBy) changed.push('managedBy');
  return [
    ...(changed.length > 0
      ? [{ type: 'ConnectionChanged' as const, data: { connection, settings, changed, managedBy, reason } }]
      : []),
    ...switchTo(enabled, connection, state.enabled, reason),
  ];
}

function switchTo(enabled: boolean, connection: string, now: boolean, reason: string | null): ConnectionEvent[] {
  if (enabled === now) return [];
  return [{ type: enabled ? 'ConnectionEnabled' : 'ConnectionDisabled', data: { connection, reason } }];
}

function versioned(rules: readonly RuleAsWritten[], state: ConnectionState): MappingRule[] {
  return rules.map((rule) => {
    const before = state.settings?.rules.find(({ id }) => id === rule.id);
    const highest = state.ruleVersions.get(rule.id) ?? 0;
    const same = before !== undefined && sameJson({ ...rule, version: before.version }, before);
    return { ...rule, version: same ? before.version : highest + 1 };
  });
}

function evolve(state: ConnectionState, event: RecordedEvent & ConnectionEvent): ConnectionState {
  switch (event.type) {
    case 'ConnectionRegistered':
      return {
        ...settingsOf(state, event.data, event.id),
        id: event.data.connection,
        status: 'present',
        enabled: event.data.enabled,
      };
    case 'ConnectionChanged':
      return settingsOf(state, event.data, event.id);
    case 'ConnectionEnabled':
      return { ...state, enabled: true };
    case 'ConnectionDisabled':
      return { ...state, enabled: false };
    case 'ConnectionRemoved':
      return { ...state, enabled: false, status: 'removed' };
    default:
      throw new TypeError(`A connection cannot fold ${(event as { type: string }).type}.`);
  }
}

function settingsOf(
  state: ConnectionState,
  data: { settings: ConnectionSettings; managedBy: ManagedBy },
  lastChange: string,
): ConnectionState {
  const ruleVersions = new Map(state.ruleVersions);
  for (const { id, version } of data.settings.rules) ruleVersions.set(id, version);
  return {
    ...state,
    version: state.version + 1,
    settings: data.settings,
    managedBy: data.managedBy,
    ruleVersions,
    lastChange,
  };
}
