import type { RoleEvent, RoleSettings } from '#libs/contracts';
import { type Command, type Decider, DomainError, type RecordedEvent } from '#libs/kernel';
import { sameJson } from '../changed-paths.js';
import { ManagedByConfigError } from '../connection/connection.errors.js';

type ManagedBy = 'config' | 'api';

/** Puts a role into the catalogue, or changes it to the settings given. */
export type DefineRole = Command<
  'DefineRole',
  {
    readonly role: string;
    readonly settings: RoleSettings;
    readonly owner: string | null;
    readonly managedBy: ManagedBy;
    readonly reason: string | null;
  }
>;
/** Takes a role out of the catalogue; its grants are revoked. */
export type RetireRole = Command<'RetireRole', { readonly managedBy: ManagedBy; readonly reason: string | null }>;
export type RoleCommand = DefineRole | RetireRole;

/** A role as a fold of its stream. */
export interface RoleState {
  readonly id: string;
  readonly status: 'absent' | 'live' | 'retired';
  readonly settings: RoleSettings | null;
  readonly owner: string | null;
  readonly managedBy: ManagedBy;
}

/** No such role in the catalogue. */
export class RoleNotFoundError extends DomainError {
  readonly code = 'role-not-found';
  readonly kind = 'notFound';
  constructor() {
    super('The catalogue of this tenant has no such role, or it is retired.');
  }
}

/** The catalogue of entitlements. A retired role can be defined again: grants given before stay revoked. */
export const roleDecider: Decider<RoleCommand, RoleState, RoleEvent> = {
  initialState: { id: '', status: 'absent', settings: null, owner: null, managedBy: 'api' },
  decide(command, state) {
    if (state.status === 'live' && state.managedBy === 'config' && command.data.managedBy === 'api')
      throw new ManagedByConfigError(`The role ${state.id}`);
    if (command.type === 'RetireRole') {
      if (state.status !== 'live') throw new RoleNotFoundError();
      return [{ type: 'RoleRetired', data: { role: state.id, reason: command.data.reason } }];
    }
    if (state.status !== 'live') return [{ type: 'RoleDefined', data: command.data }];
    const { settings, owner, managedBy } = command.data;
    const same = sameJson(
      { settings, owner, managedBy },
      { settings: state.settings, owner: state.owner, managedBy: state.managedBy },
    );
    return same ? [] : [{ type: 'RoleChanged', data: command.data }];
  },
  evolve: (state, event) => evolve(state, event as RecordedEvent & RoleEvent),
};

function evolve(state: RoleState, event: RoleEvent): RoleState {
  switch (event.type) {
    case 'RoleDefined':
    case 'RoleChanged':
      return {
        id: event.data.role,
        status: 'live',
        settings: event.data.settings,
        owner: event.data.owner,
        managedBy: event.data.managedBy,
      };
    case 'RoleRetired':
      return { ...state, status: 'retired' };
    default:
      throw new TypeError(`A role cannot fold ${(event as { type: string }).type}.`);
  }
}
