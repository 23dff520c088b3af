import type { ClientEvent, ClientSettings } from '#libs/contracts';
import { type Command, type Decider, DomainError, type RecordedEvent } from '#libs/kernel';
import { changedPaths } from '../changed-paths.js';
import { ManagedByConfigError } from '../connection/connection.errors.js';

type ManagedBy = 'config' | 'api';

/** Makes an application known that signs people in through Gatebook, or changes it to the settings given. */
export type ConfigureClient = Command<
  'ConfigureClient',
  {
    readonly client: string;
    readonly settings: ClientSettings;
    readonly enabled: boolean;
    readonly managedBy: ManagedBy;
    readonly detach?: boolean;
    /** Version that the settings were made from; another one now is refused. */
    readonly ifVersion?: number;
    /** Whether the client must be new. */
    readonly asNew?: boolean;
    readonly reason: string | null;
  }
>;
/** Lets an application sign people in, or stops it. */
export type SwitchClient = Command<
  'SwitchClient',
  { readonly enabled: boolean; readonly managedBy: ManagedBy; readonly reason: string | null }
>;
/** Removes an application for good. */
export type RemoveClient = Command<
  'RemoveClient',
  { readonly managedBy: ManagedBy; readonly ifVersion?: number; readonly reason: string | null }
>;
export type ClientCommand = ConfigureClient | SwitchClient | RemoveClient;

/** An application as a fold of its stream. */
export interface ClientState {
  readonly id: string;
  readonly status: 'absent' | 'present' | 'removed';
  /** Rises by one with every change of settings; 1 at first. */
  readonly version: number;
  readonly enabled: boolean;
  readonly settings: ClientSettings | null;
  readonly managedBy: ManagedBy;
}

/** No such application. */
export class ClientNotFoundError extends DomainError {
  readonly code = 'client-not-found';
  readonly kind = 'notFound';
  constructor() {
    super('There is no such client.');
  }
}

/** The id is in use, here or at another customer, or was once. */
export class ClientIdTakenError extends DomainError {
  readonly code = 'client-id-taken';
  readonly kind = 'conflict';
  constructor(id: string) {
    super(`The client id ${id} is taken: ids of clients are unique in the installation, also of removed ones.`);
  }
}

/** The settings have changed since they were read. */
export class ClientStaleError extends DomainError {
  readonly code = 'client-stale';
  readonly kind = 'stale';
  constructor(version: number) {
    super(`The client has changed: it is at version ${version}. Read it again, then send If-Match with its version.`);
  }
}

/** An application is versioned and every change of it is a fact; its secret is known here by its HMAC only. */
export const clientDecider: Decider<ClientCommand, ClientState, ClientEvent> = {
  initialState: { id: '', status: 'absent', version: 0, enabled: false, settings: null, managedBy: 'api' },
  decide(command, state) {
    if (command.type === 'ConfigureClient') return configure(command.data, state);
    if (state.status !== 'present') throw new ClientNotFoundError();
    if (state.managedBy === 'config' && command.data.managedBy === 'api') throw managed(state.id);
    const { reason } = command.data;
    if (command.type === 'SwitchClient') return switchTo(command.data.enabled, state.id, state.enabled, reason);
    refuseStale(command.data.ifVersion, state);
    return [{ type: 'ClientRemoved', data: { client: state.id, reason } }];
  },
  evolve: (state, event) => evolve(state, event as RecordedEvent & ClientEvent),
};

function configure(data: ConfigureClient['data'], state: ClientState): ClientEvent[] {
  const { client, settings, enabled, managedBy, reason } = data;
  if (state.status === 'removed' || (state.status === 'present' && data.asNew)) throw new ClientIdTakenError(client);
  if (state.settings === null)
    return [{ type: 'ClientRegistered', data: { client, settings, enabled, managedBy, reason } }];
  if (state.managedBy === 'config' && managedBy === 'api' && !data.detach) throw managed(client);
  refuseStale(data.ifVersion, state);
  const changed = changedPaths(state.settings, settings);
  if (managedBy !== state.managedBy) changed.push('managedBy');
  return [
    ...(changed.length > 0
      ? [{ type: 'ClientChanged' as const, data: { client, settings, changed, managedBy, reason } }]
      : []),
    ...switchTo(enabled, client, state.enabled, reason),
  ];
}

const managed = (id: string) => new ManagedByConfigError(`The client ${id}`);

function refuseStale(ifVersion: number | undefined, { version }: ClientState): void {
  if (ifVersion !== undefined && ifVersion !== version) throw new ClientStaleError(version);
}

function switchTo(enabled: boolean, client: string, now: boolean, reason: string | null): ClientEvent[] {
  if (enabled === now) return [];
  return [{ type: enabled ? 'ClientEnabled' : 'ClientDisabled', data: { client, reason } }];
}

function evolve(state: ClientState, event: ClientEvent): ClientState {
  switch (event.type) {
    case 'ClientRegistered': {
      const { client, settings, enabled, managedBy } = event.data;
      return { id: client, status: 'present', version: 1, enabled, settings, managedBy };
    }
    case 'ClientChanged':
      return {
        ...state,
        version: state.version + 1,
        settings: event.data.settings,
        managedBy: event.data.managedBy,
      };
    case 'ClientEnabled':
      return { ...state, enabled: true };
    case 'ClientDisabled':
      return { ...state, enabled: false };
    case 'ClientRemoved':
      return { ...state, enabled: false, status: 'removed' };
    default:
      throw new TypeError(`A client cannot fold ${(event as { type: string }).type}.`);
  }
}
