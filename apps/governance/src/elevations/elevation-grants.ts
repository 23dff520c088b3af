import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { Catalog } from '#libs/catalog';
import {
  type AccountCommand,
  type AccountState,
  accountDecider,
  type ElevationState,
  preventiveRulesFrom,
} from '#libs/domain';
import type { Outcome } from '#libs/event-store';
import { type Actor, type CommandMetadata, instantAfter, type RecordedEvent } from '#libs/kernel';
import { CATALOG, RunAccountCommand, WRITE_PATH, type WritePath } from '#libs/platform';
import { GovernanceCommands } from '../reading/governance-commands.js';
import { grantsSoFar } from './elevation-effects.js';
import { readAccount, readElevation, type Told } from './elevation-stream.js';
import { offerNow } from './offer-now.js';

type Asked<C> = C extends { type: infer Type; data: infer Data } ? { type: Type; data: Data } : never;

/**
 * Carries out on the account what was decided about an elevation. Each grant is given by a command named by the event that decided it, so that
 * it is given once, whoever does so and however often.
 */
@Injectable()
export class ElevationGrants {
  constructor(
    private readonly commands: CommandBus,
    private readonly background: GovernanceCommands,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(WRITE_PATH) private readonly path: WritePath,
  ) {}

  /**
   * Gives what an elevation under way names and the account has not been given.
   * @param actor who caused it; without one the system gives what somebody else left undone
   * @throws {RoleNotFoundError | RoleNotOfferedError} where the role or the policy is gone since it was approved
   * @throws what the account's decider refuses: deactivated, segregation of duties, over already
   */
  async give(tenant: string, id: string, actor?: Actor): Promise<Given> {
    const elevation = await readElevation(this.path, tenant, id);
    if (elevation.state.status !== 'active') return { status: elevation.state.status, storePosition: null };
    const account = await readAccount(this.path, tenant, elevation.state.account);
    const { missing } = grantsSoFar(elevation.state, account.events);
    // it may have been approved long ago, by somebody who did not come to give it
    if (missing.length > 0) offerNow(await this.catalog.current(), tenant, elevation.state);
    let storePosition: number | null = null;
    for (const nth of missing) storePosition = (await this.#giveOne(tenant, elevation, nth, actor)).storePosition;
    if (storePosition === null) return { status: 'active', storePosition };
    // it may have been ended while its grant was on the way
    const { state } = await readElevation(this.path, tenant, id);
    if (state.status !== 'active') await this.end(tenant, state, null);
    return { status: state.status, storePosition };
  }

  /**
   * Makes sure that an elevation under way could go on by a further grant as things stand.
   * @throws what the account's decider would refuse
   */
  async mustBeExtendable(state: ElevationState, metadata: CommandMetadata): Promise<void> {
    const { tenant, now } = metadata;
    const { id: elevation, account: id, role, reason } = state;
    const account = await readAccount(this.path, tenant, id);
    const sod = preventiveRulesFrom(await this.catalog.current(), { tenant, account: id, now });
    const grant = metadata.deriveId('grant that is only tried');
    const until = instantAfter(now, 1);
    const data = { elevation, grant, role, until, sod, evidence: null, reason };
    accountDecider.decide({ type: 'ExtendElevation', data, metadata }, account.state);
  }

  /**
   * Ends whatever stands of an elevation on the account, and with it the account's sessions. Nothing happens where nothing stands.
   * @param metadata of the request that ends it, now; null: the system does, as of its end where its time is over
   * @returns when the last of its grants ceased to count; null where there was none
   */
  async end(
    tenant: string,
    state: ElevationState,
    metadata: CommandMetadata | null,
    reason?: string,
  ): Promise<string | null> {
    if (state.grants.length === 0) return null;
    const { events } = await readAccount(this.path, tenant, state.account);
    const { standing: grants, end } = grantsSoFar(state, events);
    if (grants.length === 0) return end?.at ?? null;
    const effectiveAt = metadata === null && state.status === 'active' ? state.until : null;
    const by = metadata ?? this.background.byItself(tenant, ['end elevation', state.id, ...grants]);
    const data = { grants, effectiveAt, reason: reason ?? null };
    const outcome = await this.#run(state.account, { type: 'EndElevation', data }, by);
    return grantsSoFar(state, [...events, ...outcome.events]).end?.at ?? null;
  }

  async #giveOne(
    tenant: string,
    { state, events }: Told<ElevationState>,
    nth: number,
    actor: Actor | undefined,
  ): Promise<Outcome<AccountState>> {
    const decision = events.find(({ id }) => id === state.because[nth]) as RecordedEvent<string, Decision>;
    const metadata = { ...this.background.because(decision, 'elevation grant'), ...(actor && { actor }) };
    const { account, id: elevation, role } = state;
    const { grant, until } = decision.data;
    const sod = preventiveRulesFrom(await this.catalog.current(), { tenant, account, now: metadata.now });
    const shared = { elevation, grant, role, until, sod, evidence: decision.id, reason: state.reason };
    if (nth > 0) return this.#run(account, { type: 'ExtendElevation', data: shared }, metadata);
    // a withholding binds rules and imports; people have just decided otherwise, for a time
    return this.#run(account, { type: 'GrantElevation', data: { ...shared, overrideWithholding: true } }, metadata);
  }

  #run(account: string, command: Asked<AccountCommand>, metadata: CommandMetadata): Promise<Outcome<AccountState>> {
    return this.commands.execute(new RunAccountCommand(account, { ...command, metadata } as AccountCommand));
  }
}

/** What came of giving. */
interface Given {
  /** Of the elevation, afterwards. */
  readonly status: ElevationState['status'];
  /** Of the last grant given, in the store; null where nothing was missing. */
  readonly storePosition: number | null;
}

/** What the events that name a grant say of it. */
interface Decision {
  readonly grant: string;
  readonly until: string;
}
