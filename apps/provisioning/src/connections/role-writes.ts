import { Inject, Injectable } from '@nestjs/common';
import {
  type ChangeWaits,
  type HoldableChange,
  SecondPerson,
  SingleChanges,
  type Target,
  targetAfter,
} from '#libs/configuration';
import type { RoleSettings } from '#libs/contracts';
import {
  type DefineRole,
  ManagedByConfigError,
  type RetireRole,
  type RoleCommand,
  RoleNotFoundError,
  type RoleState,
  roleDecider,
} from '#libs/domain';
import { decideAndAppend, type Outcome, readHistory } from '#libs/event-store';
import { type CommandMetadata, streamName } from '#libs/kernel';
import { WRITE_PATH, type WritePath } from '#libs/platform';
import type { RoleRemovalQuery } from './connections.dto.js';
import { BuiltInRoleError, RoleExistsError } from './role.errors.js';
import type { ChangedRoleDto, NewRoleDto } from './roles.dto.js';

/** How the command is known, and whether it must not wait for a second person. */
export interface AskingRole {
  readonly metadata: CommandMetadata;
  readonly emergency: boolean;
}

type WrittenOrWaits = Outcome<RoleState> | ChangeWaits;
type Said = Pick<DefineRole, 'type' | 'data'> | Pick<RetireRole, 'type' | 'data'>;

interface Write {
  readonly id: string;
  readonly from: Target;
  readonly command: Said;
  readonly decide: typeof roleDecider.decide;
  readonly detach?: boolean;
}

/** Changes roles one by one. Where the tenant wants a second person for privileged ones, a change that passes every check waits for one. */
@Injectable()
export class RoleWrites {
  constructor(
    private readonly changes: SingleChanges,
    private readonly second: SecondPerson,
    @Inject(WRITE_PATH) private readonly path: WritePath,
  ) {}

  /** @throws {RoleExistsError | BuiltInRoleError} */
  create(body: NewRoleDto, asking: AskingRole): Promise<WrittenOrWaits> {
    const { id, application, name, privileged = false, risk = 'low', maxDuration = null, reason } = body;
    const settings: RoleSettings = { application, name, privileged, risk, maxDuration };
    const data = { role: id, settings, owner: body.owner ?? null, managedBy: 'api', reason } as const;
    const decide: Write['decide'] = (command, state) => {
      if (state.status === 'live') throw new RoleExistsError(id);
      return roleDecider.decide(command, state);
    };
    return this.#once(id, asking, async (from) => ({ id, from, command: { type: 'DefineRole', data }, decide }));
  }

  /** @throws {RoleNotFoundError | ManagedByConfigError | BuiltInRoleError} */
  change(id: string, body: ChangedRoleDto, asking: AskingRole): Promise<WrittenOrWaits> {
    const { detach = false, reason, owner, emergency: _asked, ...said } = body;
    const dataFrom = (state: RoleState) => {
      if (state.status !== 'live' || state.settings === null) throw new RoleNotFoundError();
      if (state.managedBy === 'config' && !detach) throw new ManagedByConfigError(`The role ${id}`);
      const settings = { ...state.settings, ...defined(said) };
      return {
        role: id,
        settings,
        owner: owner === undefined ? state.owner : owner,
        managedBy: 'api',
        reason,
      } as const;
    };
    const decide: Write['decide'] = ({ metadata }, state) => {
      const data = dataFrom(state);
      // what is detached is decided as if it were ours already
      const events = roleDecider.decide({ type: 'DefineRole', data, metadata }, { ...state, managedBy: 'api' });
      return events.length === 0 && state.managedBy === 'config' ? [{ type: 'RoleChanged', data }] : events;
    };
    return this.#once(id, asking, async (from) => {
      const command = { type: 'DefineRole', data: dataFrom(from.state as RoleState) } as const;
      return { id, from, command, decide, detach };
    });
  }

  /** Ends every grant of the role. @throws {ConfirmationRequiredError} until that is confirmed */
  retire(id: string, { reason, confirm }: RoleRemovalQuery, asking: AskingRole): Promise<WrittenOrWaits> {
    const { metadata } = asking;
    const command = { type: 'RetireRole', data: { managedBy: 'api', reason } } as const;
    return this.#once(id, asking, async (from) => {
      roleDecider.decide({ ...command, metadata }, from.state as RoleState); // refuses what cannot be done, before anybody confirms it
      const weighed = { type: command.type, data: { managedBy: 'api', reason: null } } as const;
      const { tenant } = metadata;
      const change = { action: 'remove', kind: 'role', tenant, id, changed: [], command: weighed } as const;
      this.changes.requireConfirmed(await this.changes.consequences(change), confirm);
      return { id, from, command, decide: roleDecider.decide };
    });
  }

  /** Prepares and makes a change, or answers what came of it the first time. */
  async #once(id: string, asking: AskingRole, prepare: (from: Target) => Promise<Write>): Promise<WrittenOrWaits> {
    const { metadata } = asking;
    const waits = await this.second.waitsSince(metadata);
    if (waits) return waits;
    const stream = streamName({ category: 'role', tenant: metadata.tenant, id });
    const { events } = await readHistory(this.path, stream);
    if (events.some((event) => event.metadata.commandId === metadata.commandId)) {
      const again = { type: 'RetireRole', data: { managedBy: 'api', reason: null }, metadata } as const;
      return decideAndAppend(this.path, stream, roleDecider, again);
    }
    if (id.startsWith('gatebook.')) throw new BuiltInRoleError();
    return this.#write(await prepare(targetAfter('role', events)), asking);
  }

  #write({ id, from, command, decide, detach = false }: Write, asking: AskingRole): Promise<WrittenOrWaits> {
    const { metadata, emergency } = asking;
    const { tenant } = metadata;
    const change: HoldableChange = { kind: 'role', tenant, id, command, detach };
    const stream = streamName({ category: 'role', tenant, id });
    const asked = { metadata, emergency, reason: command.data.reason ?? '' };
    return this.second.orHold(change, from, asked, () =>
      decideAndAppend(this.path, stream, { ...roleDecider, decide }, { ...command, metadata } as RoleCommand),
    );
  }
}

const defined = (said: Partial<RoleSettings>): Partial<RoleSettings> =>
  Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
