import { Inject, Injectable } from '@nestjs/common';
import type { Catalog, InTenant } from '#libs/catalog';
import {
  type ChangeWaits,
  type Consequences,
  changeByCommand,
  type HoldableChange,
  knownToPolicies,
  type PlannedChange,
  policySettingsOf,
  readPolicy,
  SecondPerson,
  SingleChanges,
  targetOf,
} from '#libs/configuration';
import type { PolicySettings } from '#libs/contracts';
import {
  ManagedByConfigError,
  type PolicyCommand,
  PolicyNotFoundError,
  PolicyStaleError,
  type PolicyState,
  policyDecider,
} from '#libs/domain';
import { decideAndAppend, type Outcome } from '#libs/event-store';
import { type CommandMetadata, streamName } from '#libs/kernel';
import { CATALOG, InvalidRequestError, WRITE_PATH, type WritePath, wasCarriedOut } from '#libs/platform';
import type { PolicyRemovalQuery, WantedPolicyDto } from './policies.dto.js';
import { namesWithheld } from './shown-policy.js';

/** How a command is known, and from which version the change is made. */
export interface Asking {
  readonly metadata: CommandMetadata;
  readonly ifVersion?: number | undefined;
  /** Whether it must not wait for a second person. */
  readonly emergency?: boolean | undefined;
}

/** A policy of a tenant. */
export interface PolicyPlace {
  readonly tenant: string;
  readonly id: string;
}

type Configure = Extract<PolicyCommand, { type: 'ConfigurePolicy' }>;
type Change = Omit<PlannedChange, 'stream'>;
type WrittenOrWaits = Outcome<PolicyState> | ChangeWaits;
type Weighed = { readonly state: PolicyState; readonly change: Change | null };

/**
 * Changes policies one by one, by the same checks as a configuration. What a repeat of a command would do is not weighed again: it has
 * happened. Where the tenant wants a second person, a change that passes every check waits for one.
 */
@Injectable()
export class PolicyWrites {
  constructor(
    private readonly changes: SingleChanges,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(WRITE_PATH) private readonly path: WritePath,
    private readonly second: SecondPerson,
  ) {}

  /**
   * What configuring would come to. Changes nothing.
   * @throws {ConfigurationInvalidError} for settings that are not valid
   */
  async weigh(place: PolicyPlace, body: WantedPolicyDto, ifVersion?: number): Promise<Consequences> {
    const command = await this.#command(place, body, ifVersion);
    const { change } = await this.#weighed(place, command);
    return change ? this.changes.consequences(change) : NOTHING;
  }

  /**
   * Brings a policy into force, or changes it to what the request says.
   * @throws {ConfigurationInvalidError} for settings that are not valid
   * @throws {ConfirmationRequiredError} until what follows for today's people is confirmed
   * @throws what the decider throws
   */
  async configure(place: PolicyPlace, body: WantedPolicyDto, asking: Asking): Promise<WrittenOrWaits> {
    const { metadata, ifVersion } = asking;
    const waits = await this.second.waitsSince(metadata);
    if (waits) return waits;
    const stream = streamOf(place);
    if (await wasCarriedOut(this.path, stream, metadata.commandId)) return this.#repeat(stream, metadata);
    const command = await this.#command(place, body, ifVersion);
    const { state, change } = await this.#weighed(place, command);
    if (change) this.changes.requireConfirmed(await this.changes.consequences(change), body.confirm);
    const { ifVersion: _version, ...data } = command.data;
    const keepsEnabled = body.enabled === undefined && state.status === 'present';
    const kept = { kind: 'policy', ...place, command: { ...command, data }, keepsEnabled } as const;
    return this.#orHold(kept, state, asking, () => this.#write(stream, { ...command, metadata }, state));
  }

  /** Removes a policy. @throws {ConfirmationRequiredError} until that is confirmed */
  async remove(place: PolicyPlace, { reason, confirm }: PolicyRemovalQuery, asking: Asking): Promise<WrittenOrWaits> {
    const { metadata, ifVersion } = asking;
    const waits = await this.second.waitsSince(metadata);
    if (waits) return waits;
    const stream = streamOf(place);
    if (await wasCarriedOut(this.path, stream, metadata.commandId)) return this.#repeat(stream, metadata);
    const state = await this.#stateOf(place);
    if (state.status !== 'present') throw new PolicyNotFoundError();
    if (state.managedBy === 'config') throw new ManagedByConfigError(`The policy ${place.id}`);
    // why it is done is not what is confirmed
    const weighed = { type: 'RemovePolicy', data: { managedBy: 'api', reason: null } } as const;
    const change: Change = { action: 'remove', kind: 'policy', ...place, changed: [], command: weighed };
    this.changes.requireConfirmed(await this.changes.consequences(change), confirm);
    const data = { managedBy: 'api', reason, ...(ifVersion === undefined ? {} : { ifVersion }) } as const;
    if (ifVersion !== undefined && ifVersion !== state.version) throw new PolicyStaleError(state.version);
    const kept = {
      kind: 'policy',
      ...place,
      command: { type: 'RemovePolicy', data: { managedBy: 'api', reason } },
    } as const;
    return this.#orHold(kept, state, asking, () =>
      this.#write(stream, { type: 'RemovePolicy', data, metadata }, state),
    );
  }

  #orHold(
    change: HoldableChange,
    from: PolicyState,
    { metadata, emergency = false }: Asking,
    make: () => Promise<Outcome<PolicyState>>,
  ): Promise<WrittenOrWaits> {
    const asked = { metadata, emergency, reason: change.command.data.reason ?? '' };
    return this.second.orHold(change, targetOf('policy', from), asked, make);
  }

  async #command({ tenant, id }: PolicyPlace, body: WantedPolicyDto, ifVersion?: number) {
    const view = await this.catalog.current();
    const known = view.policy(tenant, id);
    const enabled = body.enabled ?? (known?.status === 'present' ? known.enabled : true);
    const policy = readPolicy({ ...body.settings, id, enabled }, knownToPolicies(view, tenant));
    const settings = policySettingsOf(policy);
    refuseWithheld(settings);
    const { detach = false, reason } = body;
    const from = ifVersion === undefined ? {} : { ifVersion };
    const data: Configure['data'] = { policy: id, settings, enabled, managedBy: 'api', detach, reason, ...from };
    return { type: 'ConfigurePolicy', data } as const;
  }

  /** Refuses what cannot be done before anybody confirms it. */
  async #weighed(place: PolicyPlace, command: Pick<Configure, 'type' | 'data'>): Promise<Weighed> {
    const state = await this.#stateOf(place);
    const found = changeByCommand(command, state, planned(place.tenant));
    if (found === null) return { state, change: null };
    const { action, changed } = found;
    const { ifVersion: _version, ...data } = command.data;
    const weighed = { ...command, data: { ...data, reason: null } };
    return { state, change: { action, kind: 'policy', ...place, changed, command: weighed } };
  }

  async #stateOf({ tenant, id }: PolicyPlace): Promise<PolicyState> {
    const found: InTenant<PolicyState> | undefined = (await this.catalog.current()).policy(tenant, id);
    return found ?? policyDecider.initialState;
  }

  /** Decided over the settings that were weighed: whoever was quicker makes it stale. */
  #write(stream: string, command: PolicyCommand, weighed: PolicyState): Promise<Outcome<PolicyState>> {
    const decide: typeof policyDecider.decide = (asked, state) => {
      if (state.version !== weighed.version || state.status !== weighed.status)
        throw new PolicyStaleError(state.version);
      return policyDecider.decide(asked, state);
    };
    return decideAndAppend(this.path, stream, { ...policyDecider, decide }, command);
  }

  /** The recorded outcome, or the refusal of a key that was used for something else. */
  #repeat(stream: string, metadata: CommandMetadata): Promise<Outcome<PolicyState>> {
    const command = { type: 'RemovePolicy', data: { managedBy: 'api', reason: null }, metadata } as const;
    return decideAndAppend(this.path, stream, policyDecider, command);
  }
}

const NOTHING: Consequences = { changes: [], losses: [], warnings: [], remarks: [], confirm: null };

const streamOf = ({ tenant, id }: PolicyPlace) => streamName({ category: 'policy', tenant, id });

/** @throws {InvalidRequestError} for settings as somebody read them who may not read whom they name */
function refuseWithheld(settings: PolicySettings): void {
  if (!namesWithheld(settings)) return;
  const problem = 'names somebody who was withheld: read the policy with personal:read, or say who is meant';
  throw new InvalidRequestError([{ field: 'settings', problem }]);
}

/** Deciders of settings look at the settings alone: a plan needs no real command. */
function planned(tenant: string): CommandMetadata {
  const actor = { kind: 'system', id: 'plan' } as const;
  return { tenant, actor, commandId: '', commandDigest: '', correlationId: '', now: '', deriveId: (name) => name };
}
