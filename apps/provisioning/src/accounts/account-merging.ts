import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { AccountEvent } from '#libs/contracts';
import {
  type AbsorbAccount,
  type AccountCommand,
  type AccountState,
  accountDecider,
  isLinked,
  MergeNotPossibleError,
} from '#libs/domain';
import { deriveId, type Outcome } from '#libs/event-store';
import { type CommandMetadata, type DomainEvent, streamName } from '#libs/kernel';
import { type Caller, RunAccountCommand, WRITE_PATH, type WritePath, wasCarriedOut } from '#libs/platform';
import { WaysIn } from './ways-in.js';

/** What is asked: the account that goes on, the one that ends, and why. */
export interface MergeRequest {
  readonly account: string;
  readonly from: string;
  readonly reason: string;
  readonly caller: Caller;
  readonly metadata: CommandMetadata;
}

/** What a merge does. */
export interface MergeEffects {
  readonly links: AccountState['links'];
  readonly endedGrants: readonly { readonly id: string; readonly role: string }[];
}

type Executed = Outcome<AccountState>;

/**
 * Merges two accounts of one person. First the one that goes on takes over the identities and what is withheld, then the other one ends; an
 * end in between leaves the person where they were, and whoever asks again completes it.
 */
@Injectable()
export class AccountMerging {
  constructor(
    private readonly commands: CommandBus,
    @Inject(WRITE_PATH) private readonly path: WritePath,
    private readonly ways: WaysIn,
  ) {}

  /** What a merge would do now. @throws what `merge` throws */
  async plan(request: MergeRequest): Promise<MergeEffects> {
    const { survivor, other, taken } = await this.#both(request);
    return effectsOf([
      ...accountDecider.decide(absorb(request, taken), survivor),
      ...accountDecider.decide(end(request), other),
    ]);
  }

  /**
   * Merges. Nothing is recorded unless both halves are possible; sessions of the account that ends are over before this resolves.
   * Either person reaches afterwards what both accounts have, and what the connections of both may give, so the caller must have that too.
   * @throws {AccountNotFoundError | AccountMergedError | MergeNotPossibleError | ScopeExceededError}
   */
  async merge(request: MergeRequest): Promise<MergeEffects & Pick<Executed, 'storePosition'>> {
    const { account, from, metadata } = request;
    if (!(await wasCarriedOut(this.path, streamOf(from, metadata), metadata.commandId))) await this.plan(request);
    const { taken: both } = await this.#both(request);
    const taken = await this.#run(account, absorb(request, both));
    const ended = await this.#run(from, end(request));
    const outcomes = [taken, ended, ...(await this.#takeRest(request, taken, ended))];
    return {
      ...effectsOf(outcomes.flatMap(({ events }) => events)),
      storePosition: Math.max(...outcomes.map(({ storePosition }) => storePosition)),
    };
  }

  /** A sign-in may have linked one more identity, or somebody withheld one more role, before the account ended; afterwards nobody can. */
  async #takeRest(request: MergeRequest, taken: Executed, ended: Executed): Promise<Executed[]> {
    const left = ended.state.links.filter((link) => !isLinked(taken.state, link));
    // what somebody lifted since must not come back when a merge that is done is asked for again
    const withheld = ended.repeated ? [] : takenFrom(ended.state).withheld;
    if (ended.events.length === 0 || left.length + withheld.length === 0) return [];
    const commandId = request.metadata.deriveId('absorb-rest');
    const metadata = { ...request.metadata, commandId, deriveId: (name: string) => deriveId(commandId, name) };
    return [await this.#run(request.account, absorb({ ...request, metadata }, { links: left, withheld }))];
  }

  /** Both accounts, and what to take over: once both halves are done nothing, since somebody may have undone some of it since. */
  async #both({ account, from, caller, metadata }: MergeRequest) {
    const survivor = await this.ways.account(account, metadata);
    const other = await this.ways.account(from, metadata);
    if (survivor.directory !== other.directory) throw new MergeNotPossibleError('directories');
    await this.ways.requireReach(caller, [survivor, other], [], metadata.now);
    const isDone = other.mergedInto === account && survivor.absorbed.has(from);
    return { survivor, other, taken: isDone ? NOTHING : takenFrom(other) };
  }

  #run(account: string, command: AccountCommand): Promise<Executed> {
    return this.commands.execute(new RunAccountCommand(account, command));
  }
}

const streamOf = (id: string, { tenant }: CommandMetadata): string => streamName({ category: 'account', tenant, id });

/** What goes on with the person: their identities, and what is withheld from them. */
type Taken = Pick<AbsorbAccount['data'], 'links' | 'withheld'>;
const NOTHING: Taken = { links: [], withheld: [] };

function takenFrom({ links, withheld }: AccountState): Taken {
  return {
    links,
    withheld: [...withheld].map(([role, { rules, matched, from, decision }]) => ({
      role,
      rules,
      matched,
      from,
      decision,
    })),
  };
}

const absorb = ({ from, reason, metadata }: MergeRequest, taken: Taken): AccountCommand => ({
  type: 'AbsorbAccount',
  data: { from, ...taken, reason },
  metadata,
});

const end = ({ account, reason, metadata }: MergeRequest): AccountCommand => ({
  type: 'MergeInto',
  data: { into: account, reason },
  metadata,
});

function effectsOf(decided: readonly DomainEvent[]): MergeEffects {
  const events = decided as readonly AccountEvent[];
  return {
    links: events.flatMap((event) => (event.type === 'AccountAbsorbed' ? event.data.links : [])),
    endedGrants: events.flatMap((event) =>
      event.type === 'AccessRevoked' ? event.data.grants.map(({ id, role }) => ({ id, role })) : [],
    ),
  };
}
