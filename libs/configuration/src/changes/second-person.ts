import canonicalize from 'canonicalize';
import type { Catalog } from '#libs/catalog';
import type { TenantSettings } from '#libs/contracts';
import {
  type ChangeArea,
  changeAreas,
  type HeldChangeCommand,
  type HeldChangeState,
  heldChangeDecider,
} from '#libs/domain';
import { decideAndAppend, deriveId, type Outcome, readHistory, type WritePath } from '#libs/event-store';
import { type CommandMetadata, streamName } from '#libs/kernel';
import { ChangeTooLargeError } from './change.errors.js';
import {
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

/** How long a change waits for approval, milliseconds: seven days. */
export const CHANGE_WAITS_MS = 7 * 86_400_000;

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
  /** Of the command that made it, or of the whole that it was part of. */
  readonly metadata: CommandMetadata;
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
      await this.recordIfAtOnce({ kind, tenant, id, outcome, wanted, reason: asked.reason, metadata: asked.metadata });
      return outcome;
    }
    if (needsNobody(wanted) || (await this.#wasMade(change, asked.metadata))) return make();
    const after = targetOf(kind, stateAfter(change, from.state), Number.MAX_SAFE_INTEGER);
    const need = needOf(changeAreas(lookedAt(kind, from, after)), wanted);
    if (need === null) return make();
    const changed = settingsChanged(settingsOf(kind, from), settingsOf(kind, after));
    return this.#hold(change, { ...need, changed, ofVersion: from.version }, asked);
  }

  /** Records a change that was made and should have waited, once for each command; nothing where it needed nobody. */
  async recordIfAtOnce({ kind, tenant, id, outcome, wanted, reason, metadata }: MadeAtOnce): Promise<void> {
    const [first] = outcome.events;
    if (!first || needsNobody(wanted)) return;
    const { events } = await readHistory(this.dependencies.path, streamName({ category: kind, tenant, id }));
    const before = targetAfter(kind, events.slice(0, first.revision));
    const after = targetAfter(kind, events.slice(0, first.revision + outcome.events.length));
    const need = needOf(changeAreas(lookedAt(kind, before, after)), wanted);
    if (need === null) return;
    const commandId = deriveId(metadata.commandId, `emergency/${kind}/${tenant}/${id}`);
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
    const once = { ...metadata, tenant, commandId, deriveId: (name: string) => deriveId(commandId, name) };
    await this.#record({ type: 'RecordEmergency', data, metadata: once }, change);
  }

  async #hold(
    { kind, tenant, id, ...kept }: HoldableChange,
    need: Need & { readonly changed: readonly string[]; readonly ofVersion: number | null },
    { metadata, reason }: ChangeAsked,
  ): Promise<ChangeWaits> {
    const change = metadata.deriveId('change');
    const command = canonicalize(kept) ?? '';
    if (command.length > COMMAND_LENGTH_MAX) throw new ChangeTooLargeError(COMMAND_LENGTH_MAX);
    const data = {
      change,
      area: need.area,
      kind,
      target: id,
      ofVersion: need.ofVersion,
      changed: need.changed.slice(0, NAMED_MAX),
      command,
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

  async #wasMade({ kind, tenant, id }: HoldableChange, { commandId }: CommandMetadata): Promise<boolean> {
    const { events } = await readHistory(this.dependencies.path, streamName({ category: kind, tenant, id }));
    return events.some(({ metadata }) => metadata.commandId === commandId);
  }
}

/** Names the stream of a change that waits. */
export const heldChangeStream = (tenant: string, id: string): string =>
  streamName({ category: 'heldChange', tenant, id });

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
