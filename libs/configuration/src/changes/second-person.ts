import type { Catalog } from '#libs/catalog';
import type { TenantSettings } from '#libs/contracts';
import {
  type ChangeArea,
  changeAreas,
  type HeldChangeCommand,
  type HeldChangeState,
  heldChangeDecider,
  tenantDecider,
} from '#libs/domain';
import { decideAndAppend, deriveId, type Outcome, readHistory, type WritePath } from '#libs/event-store';
import { type CommandMetadata, fold, parseStreamName, type RecordedEvent, streamName } from '#libs/kernel';
import { ChangeTooLargeError, TooManyChangesWaitError } from './change.errors.js';
import {
  asAsked,
  type ChangeKind,
  type HoldableChange,
  lookedAt,
  settingsChanged,
  settingsOf,
  stateAfter,
  type Target,
  targetAfter,
  targetOf,
} from './holdable-change.js';
import { keep } from './kept-change.js';

/** How long a change waits for approval, milliseconds: seven days. */
export const CHANGE_WAITS_MS = 7 * 86_400_000;

/** Most changes of one tenant that wait at a time: about as many as seven days let people look at. */
export const CHANGES_WAITING_MAX = 200;

/** Longest change that is kept, characters of its canonical JSON. */
const COMMAND_LENGTH_MAX = 1_000_000;

/** Most settings and events that are named in one fact. */
const NAMED_MAX = 100;
const EVENTS_MAX = 20;

type Approvals = TenantSettings['changeApproval'];
const NOBODY: Approvals = { connections: 0, rules: 0, policies: 0, privilegedRoles: 0 };

/** What a second person needs to know of a write. */
export interface SecondPersonDependencies {
  readonly catalog: Catalog;
  readonly path: WritePath;
  /** How many changes of a tenant wait; a moment ago will do. */
  readonly waiting: (tenant: string) => Promise<number>;
}

/** How a change is asked for. */
export interface ChangeAsked {
  readonly metadata: CommandMetadata;
  readonly reason: string;
  /** Whether it must not wait. It is reviewed afterwards. */
  readonly emergency: boolean;
}

/** A change that waits, as whoever asked is told. */
export interface ChangeWaits {
  readonly status: 'held';
  /** Its id, a uuid. */
  readonly change: string;
  readonly approvalsNeeded: number;
  /** ISO-8601 UTC; nobody can approve of it from then on. */
  readonly validUntil: string;
  readonly storePosition: number;
}

/** A change that was made although it should have waited. */
export interface MadeAtOnce {
  readonly kind: ChangeKind;
  readonly tenant: string;
  readonly id: string;
  readonly outcome: Pick<Outcome<unknown>, 'events'>;
  /** The tenant's wishes at that time. */
  readonly wanted: Approvals | undefined;
  readonly reason: string;
}

interface Need {
  readonly area: ChangeArea;
  readonly approvals: number;
}

/** Lets changes wait that need a second person, and records those that did not wait. Switching a connection off never waits: it only takes access away. */
export class SecondPerson {
  constructor(private readonly dependencies: SecondPersonDependencies) {}

  /**
   * The answer that was given before to a request whose change waits; null for a request that is new, or whose change did not wait.
   * @throws {IdempotencyKeyReusedError} when the command id was used with another body
   */
  async waitsSince(metadata: CommandMetadata): Promise<ChangeWaits | null> {
    const { path } = this.dependencies;
    const stream = heldChangeStream(metadata.tenant, metadata.deriveId('change'));
    const { events } = await readHistory(path, stream);
    if (events.length === 0) return null;
    // a repeat: decided by what is recorded, whatever is asked
    const again = { type: 'LapseChange', data: {}, metadata } as const;
    return waits(await decideAndAppend(path, stream, heldChangeDecider, again));
  }

  /**
   * Makes a change, or lets it wait where the tenant wants a second person for it. Every check that would refuse it has passed before; what
   * was made before with this command is answered again.
   * @param from what the change was weighed against
   * @param make makes it, once
   * @throws {ChangeTooLargeError} for what cannot be kept so long
   * @throws {TooManyChangesWaitError} when 200 of the tenant wait; by a few more where they come at the same time
   */
  async orHold<S>(
    change: HoldableChange,
    from: Target,
    asked: ChangeAsked,
    make: () => Promise<Outcome<S>>,
  ): Promise<Outcome<S> | ChangeWaits> {
    const { kind, tenant, id } = change;
    const wanted = await this.#wanted(tenant);
    if (asked.emergency) {
      const outcome = await make();
      await this.recordIfAtOnce({ kind, tenant, id, outcome, wanted, reason: asked.reason });
      return outcome;
    }
    if (needsNobody(wanted)) return make();
    const { events } = await readHistory(this.dependencies.path, streamName({ category: kind, tenant, id }));
    if (events.some(({ metadata }) => metadata.commandId === asked.metadata.commandId)) return make();
    const after = targetOf(kind, stateAfter(change, from.state), Number.MAX_SAFE_INTEGER);
    const need = needOf(changeAreas(lookedAt(kind, from, after)), wanted);
    if (need === null) return make();
    const changed = settingsChanged(settingsOf(kind, from), settingsOf(kind, after));
    return this.#hold(asAsked(change, events), { ...need, changed, ofVersion: from.version }, asked);
  }

  /**
   * Records, because of one of its facts, a change that was made and should have waited, unless that was done: whoever made it may have
   * died in between. What the tenant wants is looked at as it was before the change, also where one file changed both.
   * @param fact of a connection, a role or a policy; not of a change that was approved of
   */
  async recordIfMissed(fact: RecordedEvent): Promise<void> {
    const { category, tenant, id } = parseStreamName(fact.stream);
    if (category === 'role' && isBuiltInRole(id)) return;
    const { events, stored } = await readHistory(this.dependencies.path, fact.stream);
    const wanted = await this.#wantedBefore(fact, stored[fact.revision]?.storePosition ?? 0);
    if (needsNobody(wanted)) return;
    const outcome = { events: events.filter(({ metadata }) => metadata.commandId === fact.metadata.commandId) };
    const { reason } = fact.data as { readonly reason?: string | null };
    await this.recordIfAtOnce({ kind: category as ChangeKind, tenant, id, outcome, wanted, reason: reason ?? '' });
  }

  /** Records a change that was made and should have waited, once for each command; nothing where it needed nobody. */
  async recordIfAtOnce({ kind, tenant, id, outcome, wanted, reason }: MadeAtOnce): Promise<void> {
    const [first] = outcome.events;
    if (!first || needsNobody(wanted)) return;
    const { events } = await readHistory(this.dependencies.path, streamName({ category: kind, tenant, id }));
    const before = targetAfter(kind, events.slice(0, first.revision));
    const after = targetAfter(kind, events.slice(0, first.revision + outcome.events.length));
    const need = needOf(changeAreas(lookedAt(kind, before, after)), wanted);
    if (need === null) return;
    const commandId = deriveId(first.metadata.commandId, `emergency/${kind}/${tenant}/${id}`);
    const change = deriveId(commandId, 'change');
    const data = {
      change,
      area: need.area,
      kind,
      target: id,
      changed: settingsChanged(settingsOf(kind, before), settingsOf(kind, after)).slice(0, NAMED_MAX),
      events: outcome.events.slice(0, EVENTS_MAX).map((event) => event.id),
      reason,
      onBehalfOf: null,
    };
    const now = this.dependencies.path.clock.now().toISOString();
    const once = { ...first.metadata, tenant, now, commandId, deriveId: (name: string) => deriveId(commandId, name) };
    await this.#record({ type: 'RecordEmergency', data, metadata: once }, change);
  }

  async #hold(
    held: HoldableChange,
    need: Need & { readonly changed: readonly string[]; readonly ofVersion: number | null },
    { metadata, reason }: ChangeAsked,
  ): Promise<ChangeWaits> {
    const change = metadata.deriveId('change');
    const { kind, tenant, id } = held;
    if ((await this.dependencies.waiting(tenant)) >= CHANGES_WAITING_MAX)
      throw new TooManyChangesWaitError(CHANGES_WAITING_MAX);
    const { command, people } = keep(held);
    if (command.length > COMMAND_LENGTH_MAX) throw new ChangeTooLargeError(COMMAND_LENGTH_MAX);
    const data = {
      change,
      area: need.area,
      kind,
      target: id,
      ofVersion: need.ofVersion,
      changed: need.changed.slice(0, NAMED_MAX),
      command,
      people: [...people],
      approvalsNeeded: need.approvals,
      reason,
      onBehalfOf: null,
      validForMs: CHANGE_WAITS_MS,
    };
    return waits(await this.#record({ type: 'HoldChange', data, metadata: { ...metadata, tenant } }, change));
  }

  #record(command: HeldChangeCommand, change: string): Promise<Outcome<HeldChangeState>> {
    const stream = heldChangeStream(command.metadata.tenant, change);
    return decideAndAppend(this.dependencies.path, stream, heldChangeDecider, command);
  }

  async #wanted(tenant: string): Promise<Approvals | undefined> {
    return (await this.dependencies.catalog.current()).tenant(tenant)?.settings?.changeApproval;
  }

  async #wantedBefore({ stream, metadata }: RecordedEvent, storePosition: number): Promise<Approvals | undefined> {
    const { tenant } = parseStreamName(stream);
    const settings = streamName({ category: 'tenant', tenant, id: tenant });
    const { events, stored } = await readHistory(this.dependencies.path, settings);
    const before = events.filter(
      (event, index) =>
        (stored[index]?.storePosition ?? 0) < storePosition && event.metadata.correlationId !== metadata.correlationId,
    );
    return fold(tenantDecider, before).settings?.changeApproval;
  }
}

/** Names the stream of a change that waits. */
export const heldChangeStream = (tenant: string, id: string): string =>
  streamName({ category: 'heldChange', tenant, id });

/** Whether a role came with the software. */
export const isBuiltInRole = (id: string): boolean => id.startsWith('gatebook.');

/** Whether an answer says that the change waits. */
export const isWaiting = (answer: Outcome<unknown> | ChangeWaits): answer is ChangeWaits => 'change' in answer;

const needsNobody = (wanted: Approvals | undefined): boolean =>
  Object.values(wanted ?? NOBODY).every((approvals) => approvals === 0);

/** The area that needs the most approvals; null where none needs any. */
function needOf(areas: readonly ChangeArea[], wanted: Approvals = NOBODY): Need | null {
  const needs = areas.map((area) => ({ area, approvals: wanted[area] })).filter(({ approvals }) => approvals > 0);
  return needs.reduce<Need | null>((most, need) => (most && most.approvals >= need.approvals ? most : need), null);
}

function waits({ state, storePosition }: Outcome<HeldChangeState>): ChangeWaits {
  const { id: change, approvalsNeeded, validUntil } = state;
  return { status: 'held', change, approvalsNeeded, validUntil: validUntil ?? '', storePosition };
}
