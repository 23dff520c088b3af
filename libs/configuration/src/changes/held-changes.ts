import { type Catalog, type CatalogView, withPeopleBehind } from '#libs/catalog';
import {
  ApproverNotAdminError,
  ChangeApproverGoneError,
  type HeldChangeCommand,
  HeldChangeNotFoundError,
  type HeldChangeState,
  heldChangeDecider,
} from '#libs/domain';
import { decideAndAppend, deriveId, type Outcome, readHistory, type WritePath } from '#libs/event-store';
import {
  type Actor,
  type Command,
  type CommandMetadata,
  fold,
  personBehind,
  type RecordedEvent,
  streamName,
  system,
} from '#libs/kernel';
import { ConnectionIdTakenError } from '../configuration.errors.js';
import { configurationHash } from '../configuration-hash.js';
import type { Consequences, SingleChanges } from '../connections/single-changes.js';
import { ChangeOutdatedError } from './change.errors.js';
import { consequencesOf } from './change-consequences.js';
import {
  eventsOf,
  fits,
  type HoldableChange,
  heldDecider,
  planned,
  type Settings,
  settingsOf,
  stateAfter,
  type Target,
  targetAfter,
  targetAt,
  targetOf,
} from './holdable-change.js';
import { kept } from './kept-change.js';
import { heldChangeStream } from './second-person.js';

/** What answering changes needs. */
export interface HeldChangesDependencies {
  readonly catalog: Catalog;
  readonly path: WritePath;
  readonly changes: SingleChanges;
}

/** An answer of somebody, in whose name it is and through what it came. */
export interface Answering {
  /** Account id. */
  readonly by: string;
  readonly via: 'session' | 'apiKey';
  readonly metadata: CommandMetadata;
  /** Whether an account may administer the tenant now. */
  readonly mayAdminister: (account: string) => Promise<boolean>;
}

/** What an answer came to. */
export interface AnsweredChange {
  readonly id: string;
  readonly status: HeldChangeState['status'];
  /** Of the last event that followed. */
  readonly storePosition: number;
}

/** A change with what it would come to. */
export interface ChangeInDetail {
  readonly state: HeldChangeState;
  /** Every setting before and after, by name: null where there is nothing then. Both null once the change cannot be read any more. */
  readonly before: Settings | null;
  readonly after: Settings | null;
  /** What it would take from people as things stand; null unless it waits and still fits. */
  readonly consequences: Consequences | null;
}

const ACCOUNT = 'account:';

interface Told {
  readonly state: HeldChangeState;
  readonly events: readonly RecordedEvent[];
}

/** Changes that wait for a second person: looked at, answered, made, ended. What is approved of is made at once; a repeat of anything changes nothing. */
export class HeldChanges {
  constructor(private readonly dependencies: HeldChangesDependencies) {}

  /** How many approvals a change needs: while it waits as many as when it was asked for, and as the tenant wanted when anybody last looked. */
  approvalsNeeded(
    change: Pick<HeldChangeState, 'approvalsNeeded'> & { readonly area: string | null; readonly status: string },
    tenant: string,
  ): number {
    if (change.status !== 'held') return change.approvalsNeeded;
    return Math.max(change.approvalsNeeded, approvalsWanted(this.dependencies.catalog.lastRead(), tenant, change));
  }

  /** @throws {HeldChangeNotFoundError} */
  async inDetail(tenant: string, id: string): Promise<ChangeInDetail> {
    const { state } = await this.#read(tenant, id);
    if (state.status === 'absent') throw new HeldChangeNotFoundError();
    const change = kept(tenant, state);
    if (change === null) return { state, before: null, after: null, consequences: null };
    const events = await this.#targetEvents(change);
    const from = targetAt(change.kind, events, state.ofVersion);
    const waits = state.status === 'held' && fits(change, state.ofVersion, events);
    const consequences = waits ? await consequencesOf(this.dependencies.changes, change, from) : null;
    const { kind } = change;
    const after = targetOf(kind, stateAfter(change, from.state), Number.MAX_SAFE_INTEGER);
    return { state, before: settingsOf(kind, from), after: settingsOf(kind, after), consequences };
  }

  /**
   * Agrees; with the last approval that is needed the change is made before this answers. As many are needed as when it was asked for, and
   * as the tenant wants today.
   * @param confirm what the change's consequences, as they are now, ask to confirm
   * @throws {ApproverNotAdminError} for somebody who may not administer the tenant
   * @throws {ConfirmationRequiredError} until the consequences are confirmed
   * @throws {ChangeOutdatedError} when it fits no more; that ends the change
   * @throws {ChangeApproverGoneError} when somebody who has approved may not any more; that ends the change
   * @throws what the decider of held changes, and that of the target, throws; then nothing was changed
   */
  async approve(
    tenant: string,
    id: string,
    { reason, confirm, ...who }: Answering & { readonly reason: string | null; readonly confirm?: string | undefined },
  ): Promise<AnsweredChange> {
    const { by, via, mayAdminister } = who;
    if (!(await mayAdminister(by))) throw new ApproverNotAdminError();
    const told = await this.#read(tenant, id);
    const { state, events } = told;
    const change = kept(tenant, state);
    const now = change ? await this.#targetEvents(change) : [];
    const stands = change !== null && fits(change, state.ofVersion, now);
    const metadata = await this.#knowing(state, who);
    const data = {
      by,
      via,
      reason,
      targetVersion: stands ? state.ofVersion : anotherThan(state.ofVersion),
      administrators: await administratorsAmong(state.approvals, { ...who, metadata }),
      approvalsWanted: approvalsWanted(await this.dependencies.catalog.current(), tenant, state),
    };
    const command = { type: 'ApproveChange', data, metadata } as const;
    if (!events.some((event) => event.metadata.commandId === metadata.commandId)) {
      await this.#requireApprovable(command, told);
      if (stands) await this.#requireMakeable(change, targetAfter(change.kind, now), confirm);
    }
    const outcome = await this.#decide(id, command);
    if (outcome.state.refusal === 'outdated') throw new ChangeOutdatedError();
    if (outcome.state.status !== 'approved') return answered(outcome);
    return this.#make(tenant, id);
  }

  /** Refuses, or takes back one's own. @throws what the decider throws */
  async refuse(id: string, { reason, ...who }: Answering & { readonly reason: string }): Promise<AnsweredChange> {
    const { by, via } = who;
    const { state } = await this.#read(who.metadata.tenant, id);
    const metadata = await this.#knowing(state, who);
    const data = { by, via, reason, mayAdminister: await who.mayAdminister(by) };
    return answered(await this.#decide(id, { type: 'RefuseChange', data, metadata }));
  }

  /** Ends a change that nobody answered in time; makes one that was approved of by a process that died. Nothing else follows. */
  async settle(tenant: string, id: string): Promise<void> {
    const told = await this.#read(tenant, id);
    if (told.state.status === 'held')
      await this.#decide(id, { type: 'LapseChange', data: {}, metadata: this.#byItself(tenant, told, 'lapse') });
    if (told.state.status !== 'approved') return;
    try {
      await this.#make(tenant, id);
    } catch (error) {
      if (!(error instanceof ChangeOutdatedError)) throw error; // which is recorded
    }
  }

  /** What rests on the word of somebody who is gone is ended. @throws what the decider throws */
  async #requireApprovable(command: Extract<HeldChangeCommand, { type: 'ApproveChange' }>, told: Told): Promise<void> {
    try {
      heldChangeDecider.decide(command, told.state);
    } catch (error) {
      if (error instanceof ChangeApproverGoneError) await this.#end(command.metadata.tenant, told);
      throw error;
    }
  }

  /** Who stands behind whoever answers, asked, filed and has approved. */
  #knowing(state: HeldChangeState, { by, metadata }: Answering): Promise<CommandMetadata> {
    const { requestedBy, filedBy, approvals, approvedThrough } = state;
    const others = [`${ACCOUNT}${by}`, requestedBy, filedBy, ...approvals, ...approvedThrough];
    return withPeopleBehind(this.dependencies, metadata, others);
  }

  async #requireMakeable(change: HoldableChange, target: Target, confirm: string | undefined): Promise<void> {
    const { catalog, changes } = this.dependencies;
    const named = change.kind === 'connection' ? (await catalog.current()).connection(change.id) : undefined;
    if (named && named.tenant !== change.tenant) throw new ConnectionIdTakenError(change.id);
    eventsOf(change, target.state, planned(change.tenant)); // refuses what cannot be done, before anybody agrees
    changes.requireConfirmed(await consequencesOf(changes, change, target), confirm);
  }

  /** @throws {ChangeOutdatedError} when it cannot be made; that is recorded */
  async #make(tenant: string, id: string): Promise<AnsweredChange> {
    const told = await this.#read(tenant, id);
    const { state } = told;
    const change = kept(tenant, state);
    if (state.refusal === 'outdated') throw new ChangeOutdatedError();
    if (state.status !== 'approved')
      return { id, status: state.status, storePosition: await this.#positionOf(state, tenant) };
    const made = change && (await this.#makeOnce(change, told));
    if (!made) {
      await this.#end(tenant, told);
      throw new ChangeOutdatedError();
    }
    const events = made.events.map((event) => event.id);
    const metadata = this.#byItself(tenant, told, 'applied');
    const { state: applied, storePosition } = await this.#decide(id, {
      type: 'MarkApplied',
      data: { events },
      metadata,
    });
    return { id, status: applied.status, storePosition };
  }

  /** Whatever stands there now, it is not what the change was made from, or not by whom. */
  async #end(tenant: string, told: Told): Promise<void> {
    const data = { targetVersion: anotherThan(told.state.ofVersion) };
    const metadata = this.#byItself(tenant, told, 'outdate');
    await this.#decide(told.state.id, { type: 'OutdateChange', data, metadata });
  }

  /** In the name of whoever asked, because of the last approval. Null when its target has moved on, or refuses it. */
  async #makeOnce(change: HoldableChange, told: Told): Promise<Outcome<unknown> | null> {
    const { kind, tenant, id, command } = change;
    const metadata = { ...this.#byItself(tenant, told, 'make'), actor: actorOf(told.state.filedBy) };
    const decider = heldDecider(change, told.state.ofVersion);
    const stream = streamName({ category: kind, tenant, id });
    try {
      return await decideAndAppend(this.dependencies.path, stream, decider, { ...command, metadata } as Command);
    } catch (error) {
      if (error instanceof ChangeOutdatedError) return null;
      throw error;
    }
  }

  async #positionOf({ id }: HeldChangeState, tenant: string): Promise<number> {
    return (await readHistory(this.dependencies.path, heldChangeStream(tenant, id))).storePosition;
  }

  async #read(tenant: string, id: string): Promise<Told> {
    const { events } = await readHistory(this.dependencies.path, heldChangeStream(tenant, id));
    return { state: fold(heldChangeDecider, events), events };
  }

  async #targetEvents({ kind, tenant, id }: HoldableChange): Promise<readonly RecordedEvent[]> {
    return (await readHistory(this.dependencies.path, streamName({ category: kind, tenant, id }))).events;
  }

  #decide(id: string, command: HeldChangeCommand): Promise<Outcome<HeldChangeState>> {
    const stream = heldChangeStream(command.metadata.tenant, id);
    return decideAndAppend(this.dependencies.path, stream, heldChangeDecider, command);
  }

  /** The same whoever does it, a request or the process that finishes what a request left undone. */
  #byItself(tenant: string, { state, events }: Told, what: string): CommandMetadata {
    const cause = events.at(-1);
    const commandId = deriveId(state.id, what);
    return {
      tenant,
      actor: system('governance'),
      commandId,
      commandDigest: configurationHash(commandId),
      correlationId: cause?.metadata.correlationId ?? commandId,
      ...(cause ? { causationId: cause.id } : {}),
      now: this.dependencies.path.clock.now().toISOString(),
      deriveId: (name) => deriveId(commandId, name),
    };
  }
}

/** Any version but that: what a change was made from is not there any more. */
const anotherThan = (version: number | null): number | null => (version === null ? 0 : null);

function answered({ state, storePosition }: Outcome<HeldChangeState>): AnsweredChange {
  return { id: state.id, status: state.status, storePosition };
}

function approvalsWanted(view: CatalogView, tenant: string, { area }: { readonly area: string | null }): number {
  const wanted = new Map(Object.entries(view.tenant(tenant)?.settings?.changeApproval ?? {}));
  return wanted.get(area ?? '') ?? 0;
}

/** Those of the people behind approvals who may administer the tenant now, as `kind:id`. */
async function administratorsAmong(
  approvals: readonly string[],
  { metadata, mayAdminister }: Pick<Answering, 'metadata' | 'mayAdminister'>,
): Promise<ReadonlySet<string>> {
  const people = approvals.map((approval) => personBehind(metadata, approval));
  const may = await Promise.all(people.map((person) => mayAdminister(person.slice(ACCOUNT.length))));
  return new Set(people.filter((_, index) => may[index]));
}

function actorOf(sender: string): Actor {
  const at = sender.indexOf(':');
  return { kind: sender.slice(0, at) as Actor['kind'], id: sender.slice(at + 1) };
}
