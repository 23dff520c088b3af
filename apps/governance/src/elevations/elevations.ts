import { Inject, Injectable } from '@nestjs/common';
import type { Catalog } from '#libs/catalog';
import {
  AccountNotFoundError,
  countsAt,
  ElevationApproverGoneError,
  type ElevationCommand,
  ElevationNotExtendableError,
  ElevationNotFoundError,
  type ElevationOffer,
  type ElevationState,
  ElevationTermsChangedError,
  elevationDecider,
  offerFor,
  stillAllows,
} from '#libs/domain';
import { decideAndAppend, type Outcome } from '#libs/event-store';
import { type CommandMetadata, DomainError } from '#libs/kernel';
import { CATALOG, WRITE_PATH, type WritePath, wasCarriedOut } from '#libs/platform';
import { ActAsRequiredError } from '../people/acting-as.errors.js';
import type { ActingAs, ActingPerson } from '../people/acting-as.js';
import { PeopleBehind } from '../people/people-behind.js';
import { GovernanceCommands } from '../reading/governance-commands.js';
import { ElevationGrants } from './elevation-grants.js';
import { ElevationPeople } from './elevation-people.js';
import { ElevationSettling } from './elevation-settling.js';
import { elevationStream, readAccount, readElevation } from './elevation-stream.js';
import { offerNow } from './offer-now.js';

/** Who asks for something about an elevation, and in which request. */
export interface Asking<By extends ActingAs = ActingAs> {
  readonly metadata: CommandMetadata;
  readonly acting: By;
  /** Whether the caller may end what is not theirs: the scope `elevations:write`. */
  readonly mayAdminister: boolean;
}

/** What came of it. */
export interface ElevationOutcome {
  readonly id: string;
  readonly status: ElevationState['status'];
  /** Position in the store of the last event that followed. */
  readonly storePosition: number;
}

/** What is asked for. */
export interface ElevationWanted {
  readonly account: string;
  readonly role: string;
  readonly durationMs: number;
  readonly breakGlass: boolean;
  readonly reason: string;
}

type Asked<C> = C extends { type: infer Type; data: infer Data } ? { type: Type; data: Data } : never;

/** Kinds of errors that say that a command can never succeed as it stands; others may pass, and the process tries again. */
const FINAL: ReadonlySet<string> = new Set(['invalid', 'forbidden', 'notFound', 'conflict', 'unprocessable']);

/** Requests for roles for a time, the answers to them, and their end. Each is one command on the elevation and what follows on the account. */
@Injectable()
export class Elevations {
  constructor(
    private readonly grants: ElevationGrants,
    private readonly people: ElevationPeople,
    private readonly settling: ElevationSettling,
    private readonly background: GovernanceCommands,
    private readonly behind: PeopleBehind,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(WRITE_PATH) private readonly path: WritePath,
  ) {}

  /** Asks for a role for a time; with break-glass it begins at once. @throws {DomainError} of the decider, and of the account where it begins */
  async request(wanted: ElevationWanted, { metadata, acting }: Asking): Promise<ElevationOutcome> {
    const { tenant, now } = metadata;
    const view = await this.catalog.current();
    const { state: account } = await readAccount(this.path, tenant, wanted.account);
    if (!account.exists) throw new AccountNotFoundError();
    const role = view.role(tenant, wanted.role);
    const roleLive = role?.status === 'live' && role.settings !== null;
    const found = role?.settings && offerFor(view.policies(tenant), { id: role.id, settings: role.settings }, wanted);
    const { profile, directory } = account;
    const asked = { tenant, role: wanted.role, profile, directory };
    const people = found
      ? await this.people.find(view, { ...asked, settings: found.settings })
      : { preferred: [], fallback: [] };
    const elevation = metadata.deriveId('elevation');
    const accountActive = countsAt(account, now);
    const data = { ...wanted, ...people, elevation, accountActive, roleLive, offer: found?.offer ?? null, by: acting };
    const known = await this.behind.known(metadata);
    const outcome = await this.#decide(elevation, { type: 'RequestElevation', data }, known);
    return this.#begin(elevation, outcome, metadata);
  }

  /** Agrees; with the last approval that is needed the role is given before this answers. */
  async approve(
    id: string,
    reason: string | null,
    { metadata, acting }: Asking<ActingPerson>,
  ): Promise<ElevationOutcome> {
    const state = await this.#mustStillHold(id, metadata);
    const known = await this.#knowing(state, acting, metadata);
    const outcome = await this.#decide(id, { type: 'ApproveElevation', data: { by: acting, reason } }, known);
    return this.#begin(id, outcome, metadata);
  }

  /** Refuses a request, or takes one's own back. @throws {ActAsRequiredError} for a key that speaks for nobody and has not filed it */
  async refuse(id: string, reason: string, { metadata, acting, mayAdminister }: Asking): Promise<ElevationOutcome> {
    const { tenant, actor } = metadata;
    const { state } = await readElevation(this.path, tenant, id);
    if (acting.account === null && state.filedBy !== `${actor.kind}:${actor.id}`) throw new ActAsRequiredError();
    const data = { by: acting, mayAdminister, reason };
    return answered(id, await this.#decide(id, { type: 'RefuseElevation', data }, metadata));
  }

  /** Lets an elevation under way go on for longer. */
  async extend(
    id: string,
    { durationMs, reason }: { readonly durationMs: number; readonly reason: string },
    { metadata, acting }: Asking<ActingPerson>,
  ): Promise<ElevationOutcome> {
    const { tenant, actor } = metadata;
    const { state, offer } = await this.#mustStillBeOffered(id, metadata);
    const known = await this.#knowing(state, acting, metadata);
    const maxDurationMs = offer?.maxDurationMs ?? state.durationMs;
    const command = { type: 'ProlongElevation', data: { by: acting, durationMs, maxDurationMs, reason } } as const;
    if (!(await this.#isRepeat(id, metadata))) {
      if (offer && offer.approvalsNeeded > state.approvalsNeeded) throw new ElevationNotExtendableError();
      elevationDecider.decide({ ...command, metadata: known }, state);
      await this.grants.mustBeExtendable(state, metadata);
    }
    const outcome = await this.#decide(id, command, known);
    const { status, storePosition } = await this.grants.give(tenant, id, actor);
    return { id, status, storePosition: storePosition ?? outcome.storePosition };
  }

  /** Ends an elevation before its time: first the role is gone, with the account's sessions, then it is written down. */
  async end(id: string, reason: string, { metadata, acting, mayAdminister }: Asking): Promise<ElevationOutcome> {
    const { tenant } = metadata;
    const command = (endedAt: string | null) =>
      ({ type: 'CloseElevation', data: { by: acting, mayAdminister, endedAt, reason } }) as const;
    const { state } = await readElevation(this.path, tenant, id);
    if (!(await this.#isRepeat(id, metadata))) {
      elevationDecider.decide({ ...command(null), metadata }, state);
      const before = await this.settling.recordEnd(tenant, state);
      if (before) return answered(id, before);
    }
    const endedAt = await this.grants.end(tenant, state, metadata, reason);
    const outcome = await this.#decide(id, command(endedAt), metadata);
    // a grant of an extension that was on its way meanwhile
    await this.grants.end(tenant, outcome.state, null);
    return answered(id, outcome);
  }

  /** What was asked for must be possible under today's terms, and those who have approved must be there still: else the request is ended. */
  async #mustStillHold(id: string, metadata: CommandMetadata): Promise<ElevationState> {
    const { tenant, now } = metadata;
    const { state, offer } = await this.#mustStillBeOffered(id, metadata);
    if (offer === null || state.status !== 'requested' || (await this.#isRepeat(id, metadata))) return state;
    const approved = await Promise.all(state.approvals.map((account) => readAccount(this.path, tenant, account)));
    const present = approved.every((account) => countsAt(account.state, now));
    if (present && stillAllows(offer, state)) return state;
    const error = present ? new ElevationTermsChangedError(state.policy) : new ElevationApproverGoneError();
    await this.#abandon(tenant, id, error);
    throw error;
  }

  /** Who stands behind whoever answers, asked, gets the role, and has approved. */
  #knowing(state: ElevationState, { account }: ActingPerson, metadata: CommandMetadata): Promise<CommandMetadata> {
    const { account: gets, requestedBy, filedBy, approvals, approvedThrough } = state;
    const accounts = [account, gets, ...(requestedBy === null ? [] : [requestedBy]), ...approvals];
    return this.behind.known(metadata, [...accounts.map((one) => `account:${one}`), filedBy, ...approvedThrough]);
  }

  /**
   * What was offered when the request was made may be gone: then the request is ended instead of answered.
   * @returns the offer as it stands now; null where it is gone and this was carried out before that
   */
  async #mustStillBeOffered(
    id: string,
    metadata: CommandMetadata,
  ): Promise<{ readonly state: ElevationState; readonly offer: ElevationOffer | null }> {
    const { tenant } = metadata;
    const view = await this.catalog.current();
    const { state } = await readElevation(this.path, tenant, id);
    if (state.status === 'absent') throw new ElevationNotFoundError();
    try {
      return { state, offer: offerNow(view, tenant, state) };
    } catch (error) {
      if (await this.#isRepeat(id, metadata)) return { state, offer: null };
      if (state.status === 'requested' && error instanceof DomainError) await this.#abandon(tenant, id, error);
      throw error;
    }
  }

  async #begin(
    id: string,
    outcome: Outcome<ElevationState>,
    { tenant, actor }: CommandMetadata,
  ): Promise<ElevationOutcome> {
    if (outcome.state.status !== 'active') return answered(id, outcome);
    try {
      const { status, storePosition } = await this.grants.give(tenant, id, actor);
      return { id, status, storePosition: storePosition ?? outcome.storePosition };
    } catch (error) {
      if (error instanceof DomainError && FINAL.has(error.kind)) await this.#abandon(tenant, id, error);
      throw error;
    }
  }

  /** Writes down that the role could not be given; ends it in case somebody else managed to. */
  async #abandon(tenant: string, id: string, { code }: DomainError): Promise<void> {
    const metadata = this.background.byItself(tenant, ['abandon elevation', id]);
    const { state } = await this.#decide(id, { type: 'AbandonElevation', data: { why: code } }, metadata);
    await this.grants.end(tenant, state, null);
  }

  #isRepeat(id: string, { tenant, commandId }: CommandMetadata): Promise<boolean> {
    return wasCarriedOut(this.path, elevationStream(tenant, id), commandId);
  }

  #decide(id: string, command: Asked<ElevationCommand>, metadata: CommandMetadata): Promise<Outcome<ElevationState>> {
    const whole = { ...command, metadata } as ElevationCommand;
    return decideAndAppend(this.path, elevationStream(metadata.tenant, id), elevationDecider, whole);
  }
}

const answered = (id: string, { state, storePosition }: Outcome<ElevationState>): ElevationOutcome => ({
  id,
  status: state.status,
  storePosition,
});
