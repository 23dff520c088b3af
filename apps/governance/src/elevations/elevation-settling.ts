import { Inject, Injectable } from '@nestjs/common';
import { type ElevationCommand, type ElevationState, elevationDecider, type SaidBy } from '#libs/domain';
import { decideAndAppend, type Outcome } from '#libs/event-store';
import { type Actor, DomainError } from '#libs/kernel';
import { WRITE_PATH, type WritePath } from '#libs/platform';
import { GovernanceCommands } from '../reading/governance-commands.js';
import { grantsSoFar } from './elevation-effects.js';
import { ElevationGrants } from './elevation-grants.js';
import { elevationStream, readAccount, readElevation } from './elevation-stream.js';

const SYSTEM: SaidBy = { account: null, via: 'system', apiKey: null };

type Asked<C> = C extends { type: infer Type; data: infer Data } ? { type: Type; data: Data } : never;

/**
 * Brings an elevation to where time and what happened to its grants have led it: lapsed, begun, over. Does what somebody left undone who
 * stopped in the middle. Looked at again, nothing happens a second time; streams decide, whatever the read model said.
 */
@Injectable()
export class ElevationSettling {
  constructor(
    private readonly grants: ElevationGrants,
    private readonly background: GovernanceCommands,
    @Inject(WRITE_PATH) private readonly path: WritePath,
  ) {}

  /** @throws {DomainError} when a grant that is missing is refused by the account and the elevation goes on without it */
  async settle(tenant: string, id: string): Promise<void> {
    const { state } = await readElevation(this.path, tenant, id);
    const now = this.path.clock.now().toISOString();
    if (state.status === 'requested') await this.#decide(tenant, id, ['lapse'], { type: 'LapseElevation', data: {} });
    else if (state.status !== 'active') await this.grants.end(tenant, state, null);
    else if (state.until !== null && state.until <= now) await this.#timeIsOver(tenant, state, state.until);
    else await this.#keepGoing(tenant, state);
  }

  async #timeIsOver(tenant: string, state: ElevationState, until: string): Promise<void> {
    await this.grants.end(tenant, state, null);
    const { events } = await readAccount(this.path, tenant, state.account);
    const end = grantsSoFar(state, events).end;
    const early = end !== null && end.at < until;
    await this.#over(tenant, state, {
      code: early ? end.code : 'time-over',
      effectiveAt: early ? end.at : until,
      by: early ? saidBy(end.actor) : SYSTEM,
    });
  }

  /**
   * Writes down that everything which an elevation under way gave has ended by now, for whatever reason.
   * @returns what was recorded; null where something stands, or has still to be given
   */
  async recordEnd(tenant: string, state: ElevationState): Promise<Outcome<ElevationState> | null> {
    const { events } = await readAccount(this.path, tenant, state.account);
    const { missing, end } = grantsSoFar(state, events);
    if (end === null || missing.length > 0) return null;
    return this.#over(tenant, state, { code: end.code, effectiveAt: end.at, by: saidBy(end.actor) });
  }

  async #keepGoing(tenant: string, state: ElevationState): Promise<void> {
    if (await this.recordEnd(tenant, state)) return;
    const { events } = await readAccount(this.path, tenant, state.account);
    const { missing } = grantsSoFar(state, events);
    if (missing.length > 0) await this.#give(tenant, state, missing.includes(0));
  }

  async #give(tenant: string, { id }: ElevationState, first: boolean): Promise<void> {
    try {
      await this.grants.give(tenant, id);
    } catch (error) {
      if (!first || !(error instanceof DomainError) || error.kind === 'unavailable') throw error;
      await this.#decide(tenant, id, ['abandon'], { type: 'AbandonElevation', data: { why: error.code } });
      await this.settle(tenant, id);
    }
  }

  #over(
    tenant: string,
    { id, until }: ElevationState,
    data: Extract<ElevationCommand, { type: 'RecordElevationOver' }>['data'],
  ): Promise<Outcome<ElevationState>> {
    return this.#decide(tenant, id, ['over', until ?? ''], { type: 'RecordElevationOver', data });
  }

  #decide(
    tenant: string,
    id: string,
    facts: readonly string[],
    command: Asked<ElevationCommand>,
  ): Promise<Outcome<ElevationState>> {
    const metadata = this.background.byItself(tenant, ['elevation', id, ...facts]);
    const whole = { ...command, metadata } as ElevationCommand;
    return decideAndAppend(this.path, elevationStream(tenant, id), elevationDecider, whole);
  }
}

/** Who ended it on the account, as far as that is a person: through what is recorded there. */
function saidBy({ kind, id }: Actor): SaidBy {
  return kind === 'account' ? { account: id, via: 'session', apiKey: null } : SYSTEM;
}
