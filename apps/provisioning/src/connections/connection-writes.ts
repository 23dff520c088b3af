import { Inject, Injectable } from '@nestjs/common';
import type { Catalog, InTenant } from '#libs/catalog';
import {
  type ChangeWaits,
  ConnectionExistsError,
  ConnectionIdTakenError,
  ConnectionStaleError,
  type Consequences,
  DomainOwnershipRefusedError,
  type HoldableCommand,
  mergePatch,
  SecondPerson,
  SingleChanges,
  targetOf,
  VouchingRefusedError,
  vouchingWarning,
} from '#libs/configuration';
import type { ConnectionEvent, ConnectionSettings } from '#libs/contracts';
import {
  type ConnectionAsWritten,
  type ConnectionCommand,
  ConnectionNotFoundError,
  type ConnectionState,
  changedVouching,
  connectionDecider,
  ManagedByConfigError,
} from '#libs/domain';
import { decideAndAppend, type Outcome } from '#libs/event-store';
import { type CommandMetadata, type Decider, streamName } from '#libs/kernel';
import {
  CATALOG,
  type Caller,
  ownedBy,
  requireOwnScopes,
  SECRET_VALUES,
  scopesOfRoles,
  WRITE_PATH,
  type WritePath,
  wasCarriedOut,
} from '#libs/platform';
import type { SecretValues } from '#libs/vault';
import type { ChangedConnectionDto, NewConnectionDto, RemovalQuery } from './connections.dto.js';

/** Who asks, how the command is known, and from which version the change is made. */
export interface Asking {
  readonly caller: Caller;
  readonly metadata: CommandMetadata;
  readonly ifVersion?: number | undefined;
  /** Whether it must not wait for a second person. */
  readonly emergency?: boolean | undefined;
}

type Prepared = Pick<Extract<ConnectionCommand, { type: 'ConfigureConnection' }>, 'type' | 'data'>;
type Written = Outcome<ConnectionState>;
type WrittenOrWaits = Written | ChangeWaits;
type Said = Pick<ConnectionCommand, 'type' | 'data'> & HoldableCommand;
type Deciding = Decider<ConnectionCommand, ConnectionState, ConnectionEvent>;

/**
 * Changes connections one by one. What a repeat of a command would do is not weighed again: it has happened. Where the tenant wants a second
 * person, a change that passes every check waits for one.
 */
@Injectable()
export class ConnectionWrites {
  constructor(
    private readonly changes: SingleChanges,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(SECRET_VALUES) private readonly secrets: SecretValues,
    @Inject(WRITE_PATH) private readonly path: WritePath,
    private readonly second: SecondPerson,
  ) {}

  /** A connection that the caller may know and that was not removed. @throws {NotFoundError | ConnectionNotFoundError} */
  async present(id: string, caller: Caller): Promise<InTenant<ConnectionState>> {
    const state = ownedBy(caller, (await this.catalog.current()).connection(id), 'connection');
    if (state.status !== 'present') throw new ConnectionNotFoundError();
    return state;
  }

  /** @throws {ConnectionExistsError | ConnectionIdTakenError | ConfigurationInvalidError | ScopeExceededError | DomainOwnershipRefusedError} */
  async create(
    { id, settings: said, enabled = false, reason }: NewConnectionDto,
    asking: Asking,
  ): Promise<WrittenOrWaits> {
    const waits = await this.second.waitsSince(asking.metadata);
    if (waits) return waits;
    const { tenant } = asking.metadata;
    const known = (await this.catalog.current()).connection(id);
    if (known && known.tenant !== tenant) throw new ConnectionIdTakenError(id);
    const stream = streamName({ category: 'connection', tenant, id });
    if (known && !(await wasCarriedOut(this.path, stream, asking.metadata.commandId)))
      throw new ConnectionExistsError(id);
    const wanted = { domainOwnership: 'dns', ...said };
    const prepared = await this.changes.prepare({ tenant, id, settings: wanted, written: false });
    allow(asking.caller, prepared.settings, null);
    if (joins(prepared.settings)) demandAdmin(asking.caller, ['linking']);
    await this.#store(prepared.secrets);
    const data = { connection: id, settings: prepared.settings, enabled, managedBy: 'api', reason } as const;
    const state = { ...connectionDecider.initialState, id, tenant };
    return this.#writeOrHold({ type: 'ConfigureConnection', data }, state, asking, expecting({ asNew: true }));
  }

  /** What a change would come to. Changes nothing. */
  async weigh(state: InTenant<ConnectionState>, body: ChangedConnectionDto, { caller }: Asking): Promise<Consequences> {
    const { command, warnings } = await this.#change(state, body, caller);
    return this.#consequences(state, command, warnings);
  }

  /**
   * @throws {ConnectionStaleError | ManagedByConfigError | ConfirmationRequiredError} and what `create` throws for settings
   * @throws {VouchingRefusedError | ConnectionSourceFixedError} when others would vouch for people who are linked
   */
  async change(state: InTenant<ConnectionState>, body: ChangedConnectionDto, asking: Asking): Promise<WrittenOrWaits> {
    const waits = await this.second.waitsSince(asking.metadata);
    if (waits) return waits;
    const stream = streamOf(state);
    const { command, secrets, warnings } = await this.#change(state, body, asking.caller);
    if (!(await wasCarriedOut(this.path, stream, asking.metadata.commandId))) {
      refuseStale(asking.ifVersion, state);
      if (state.managedBy === 'config' && !body.detach) throw new ManagedByConfigError(`The connection ${state.id}`);
      this.changes.requireConfirmed(await this.#consequences(state, command, warnings), body.confirm);
      await this.#store(secrets);
    }
    // decided over the settings that were weighed: whoever was quicker makes it stale
    return this.#writeOrHold(command, state, asking, expecting({ version: asking.ifVersion ?? state.version }));
  }

  /** Begins or stops to admit people. To stop never waits for anybody: it only takes access away. */
  async switch(
    state: InTenant<ConnectionState>,
    enabled: boolean,
    reason: string,
    asking: Asking,
  ): Promise<WrittenOrWaits> {
    const waits = await this.second.waitsSince(asking.metadata);
    if (waits) return waits;
    if (enabled && state.settings) requireOwnScopes(asking.caller, scopesGranted(state.settings));
    const data = { enabled, managedBy: 'api', reason } as const;
    if (!(await wasCarriedOut(this.path, streamOf(state), asking.metadata.commandId)))
      refuseStale(asking.ifVersion, state);
    const decider = expecting({ version: asking.ifVersion });
    return this.#writeOrHold({ type: 'SwitchConnection', data }, state, asking, decider);
  }

  /** Removes a connection for good; its grants end. @throws {ConfirmationRequiredError} until that is confirmed */
  async remove(
    state: InTenant<ConnectionState>,
    { reason, confirm }: RemovalQuery,
    asking: Asking,
  ): Promise<WrittenOrWaits> {
    const waits = await this.second.waitsSince(asking.metadata);
    if (waits) return waits;
    const stream = streamOf(state);
    const command = { type: 'RemoveConnection', data: { managedBy: 'api', reason } } as const;
    if (!(await wasCarriedOut(this.path, stream, asking.metadata.commandId))) {
      if (state.status !== 'present') throw new ConnectionNotFoundError();
      if (state.managedBy === 'config') throw new ManagedByConfigError(`The connection ${state.id}`);
      const { tenant, id } = state;
      const weighed = { type: command.type, data: { managedBy: 'api', reason: null } } as const;
      const change = { action: 'remove', kind: 'connection', tenant, id, changed: [], command: weighed } as const;
      refuseStale(asking.ifVersion, state);
      this.changes.requireConfirmed(await this.changes.consequences(change), confirm);
    }
    return this.#writeOrHold(command, state, asking, expecting({ version: asking.ifVersion }));
  }

  async #change(state: InTenant<ConnectionState>, body: ChangedConnectionDto, caller: Caller) {
    if (state.written === null) throw new ConnectionNotFoundError();
    const { tenant, id, enabled } = state;
    const wanted = mergePatch(asSent(state.written), body.settings);
    // a preset that is named anew fills in; one that was written out before must not bring back what was taken out since
    const written = !('preset' in body.settings);
    const prepared = await this.changes.prepare({ tenant, id, settings: wanted, written });
    allow(caller, prepared.settings, state.written);
    const { detach = false, reason } = body;
    const vouching = changedVouching(state.written, prepared.settings);
    if (detach && state.managedBy === 'config') vouching.push('managedBy');
    if (vouching.length > 0 && joins(prepared.settings)) demandAdmin(caller, vouching);
    const warnings = await this.#vouchedAnew(state, vouching, caller);
    const settings = vouching.length > 0 ? vouchedBy(caller, prepared.settings) : prepared.settings;
    const data = { connection: id, settings, enabled, managedBy: 'api', detach, reason } as const;
    const command: Prepared = { type: 'ConfigureConnection', data };
    return { command, secrets: prepared.secrets, warnings };
  }

  /** What has to be confirmed when others vouch for people who are linked. @throws {VouchingRefusedError} for whom may not have it so */
  async #vouchedAnew(
    state: InTenant<ConnectionState>,
    paths: readonly string[],
    caller: Caller,
  ): Promise<readonly string[]> {
    if (paths.length === 0 || !(await this.changes.isReliedUpon(state, state.tenant))) return [];
    demandAdmin(caller, paths);
    return [vouchingWarning(state.id, paths)];
  }

  #consequences(
    state: InTenant<ConnectionState>,
    { type, data }: Prepared,
    warnings: readonly string[],
  ): Promise<Consequences> {
    const { tenant, id } = state;
    // why it is done is not what is confirmed
    const command = { type, data: { ...data, detach: true, reason: null } };
    const changed = this.changes.changedSettings(state, tenant, command);
    return this.changes.consequences({ action: 'change', kind: 'connection', tenant, id, changed, command }, warnings);
  }

  async #store(secrets: readonly { readonly tenant: string; readonly value: string }[]): Promise<void> {
    for (const { tenant, value } of secrets) await this.secrets.put(tenant, value);
  }

  #writeOrHold(
    command: Said,
    state: InTenant<ConnectionState>,
    { metadata, emergency = false }: Asking,
    decider: Deciding,
  ): Promise<WrittenOrWaits> {
    const { tenant, id } = state;
    // whether it admits people is not what such a change is about, unless it is new
    const keepsEnabled = command.type === 'ConfigureConnection' && state.status === 'present';
    const change = { kind: 'connection', tenant, id, command, keepsEnabled } as const;
    const asked = { metadata, emergency, reason: command.data.reason ?? '' };
    const whole = { ...command, metadata } as ConnectionCommand;
    return this.second.orHold(change, targetOf('connection', state), asked, () =>
      decideAndAppend(this.path, streamOf(state), decider, whole),
    );
  }
}

const streamOf = ({ tenant, id }: InTenant<ConnectionState>) => streamName({ category: 'connection', tenant, id });

/** The decider, for a command that holds for a new connection only, or for one at a certain version. */
function expecting({ asNew = false, version }: { readonly asNew?: boolean; readonly version?: number | undefined }) {
  const decide: typeof connectionDecider.decide = (command, state) => {
    if (asNew && state.status !== 'absent') throw new ConnectionExistsError(state.id);
    refuseStale(version, state);
    return connectionDecider.decide(command, state);
  };
  return { ...connectionDecider, decide };
}

function refuseStale(ifVersion: number | undefined, { version }: ConnectionState): void {
  if (ifVersion !== undefined && ifVersion !== version) throw new ConnectionStaleError(version);
}

/** Recorded settings as somebody would send them: rules get their versions when they are recorded. */
export function asSent({ rules, ...settings }: ConnectionSettings): ConnectionAsWritten {
  return { ...settings, rules: rules.map(({ version: _version, ...rule }) => rule) };
}

/** Whether people who come through a connection may be joined to accounts that others made. */
const joins = ({ linking }: Pick<ConnectionSettings, 'linking'>): boolean => linking !== 'none';

/** @throws {VouchingRefusedError} for a key of a tenant without the scope `admin` */
function demandAdmin({ tenant, scopes }: Caller, paths: readonly string[]): void {
  if (tenant !== null && !scopes.has('admin')) throw new VouchingRefusedError(paths);
}

/**
 * Nobody gives by a rule what they could not give by hand, and only keys of the installation vouch for domains.
 * @throws {ScopeExceededError | DomainOwnershipRefusedError}
 */
function allow(caller: Caller, settings: ConnectionAsWritten, before: ConnectionSettings | null): void {
  requireOwnScopes(caller, scopesGranted(settings));
  if (caller.tenant === null || settings.domainOwnership !== 'operator') return;
  const vouched = before?.domainOwnership === 'operator' ? new Set(before.domains) : new Set<string>();
  if (settings.domains.some((domain) => !vouched.has(domain))) throw new DomainOwnershipRefusedError();
}

/** What the operator said of domains was said of whoever vouched then: a tenant that has it otherwise shows that they are its own. */
function vouchedBy({ tenant }: Caller, settings: ConnectionAsWritten): ConnectionAsWritten {
  return tenant === null || settings.domainOwnership === 'dns' ? settings : { ...settings, domainOwnership: 'dns' };
}

const scopesGranted = ({ rules }: Pick<ConnectionAsWritten, 'rules'>) =>
  scopesOfRoles(rules.flatMap(({ grant }) => grant));
