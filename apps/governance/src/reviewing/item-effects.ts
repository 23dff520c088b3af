import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import {
  type AccountCommand,
  AccountMergedError,
  GrantNotFoundError,
  InvalidGrantEndError,
  type ItemDecision,
  type ReviewItemState,
  standingGrants,
} from '#libs/domain';
import type { CommandMetadata, RecordedEvent } from '#libs/kernel';
import { CLOCK, type Clock, GovernanceMetrics, RunAccountCommand } from '#libs/platform';
import { type Cause, GovernanceCommands } from '../reading/governance-commands.js';
import { type AccountFacts, AccountFactsReader, endOf } from './account-facts.js';
import { ReviewLog } from './review-log.js';

/** Said on the account where nobody gave a reason, because nobody answered. */
const BY_SILENCE = 'Nobody answered in the access review.';

/** Most merges after each other by which a person is followed. */
const MERGES_FOLLOWED_MAX = 10;

type Wanted = Pick<AccountCommand, 'type' | 'data'>;

/** An item whose decision has not taken effect yet. */
type Deciding = ReviewItemState & { readonly decision: ItemDecision };

/** What a decision came to on the account. */
interface Effect {
  readonly event: Pick<RecordedEvent, 'id' | 'recordedAt'>;
}

/**
 * Brings about what was decided, under the correlation id of the decision: revoked or reduced on the account, sessions ended, and confirmed
 * on the item. Every step is recognised when it is taken again, so whoever finds it unfinished goes on with it.
 */
@Injectable()
export class ItemEffects {
  constructor(
    private readonly commands: CommandBus,
    private readonly governance: GovernanceCommands,
    private readonly log: ReviewLog,
    private readonly accounts: AccountFactsReader,
    private readonly metrics: GovernanceMetrics,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Carries a decision out, if one waits for its effect. @returns the item afterwards, and how far the store has come with it */
  async carryOut(tenant: string, item: ReviewItemState): Promise<{ item: ReviewItemState; storePosition: number }> {
    if (!isDeciding(item)) return { item, storePosition: -1 };
    const { decision } = item;
    const cause = { id: decision.event, tenant, metadata: { correlationId: decision.correlationId } };
    const effect = await this.#onAccount(item, cause);
    if (effect === null) return this.#moot(item, cause);
    const metadata = this.governance.because(cause, 'confirm');
    const data = { because: effect.event.id, effectiveAt: effect.event.recordedAt };
    const confirmed = await this.log.runItem(item.id, { type: 'ConfirmItemEffect', data, metadata });
    if (!confirmed.repeated && confirmed.events.length > 0)
      this.metrics.effectConfirmed((this.clock.now().getTime() - Date.parse(decision.at)) / 1000);
    return { item: confirmed.state, storePosition: confirmed.storePosition };
  }

  /**
   * An account that ended in a merge is followed to the one with which its person goes on: there the decision holds for the role.
   * @returns null when merges lead further than is followed, so that nothing can take effect
   */
  async #onAccount(item: Deciding, cause: Cause, followed = 0): Promise<Effect | null> {
    const { tenant } = cause;
    const facts = await this.accounts.read(tenant, item.account);
    const { mergedInto } = facts.state;
    if (mergedInto !== null) {
      if (followed === MERGES_FOLLOWED_MAX) return null;
      return this.#onAccount({ ...item, account: mergedInto, grant: null }, cause, followed + 1);
    }
    // of each account another command: the first one may have been carried out before the merge
    const because = (what: string) =>
      this.governance.because(cause, followed === 0 ? what : `${what} on ${item.account}`);
    const carried = followed > 0 ? carriedOver(item, facts) : undefined;
    if (carried) return { event: carried };
    try {
      const wanted = firstChoice(item, facts, this.clock.now().toISOString());
      return await this.#run(item, wanted, because('effect'));
    } catch (error) {
      if (error instanceof AccountMergedError && followed < MERGES_FOLLOWED_MAX)
        return this.#onAccount(item, cause, followed);
      // what was decided holds for the role, although the grant has ended, or its new end has passed, in the meantime
      if (error instanceof GrantNotFoundError || error instanceof InvalidGrantEndError) {
        const wanted = onRole(item, facts, this.clock.now().toISOString());
        return this.#run(item, wanted, because('effect-on-role'));
      }
      throw error;
    }
  }

  async #run(item: Deciding, wanted: Wanted, metadata: CommandMetadata): Promise<Effect> {
    const command = { ...wanted, metadata } as AccountCommand;
    const { events } = await this.commands.execute(new RunAccountCommand(item.account, command));
    const revoked = events.find(({ type }) => type === 'AccessRevoked' || type === 'GrantsReduced');
    const event = revoked ?? events.at(-1);
    return { event: event ?? (await this.#soAlready(item, metadata.tenant)) };
  }

  /** Nothing had to change: what is so since before the decision took effect with it. */
  async #soAlready({ account, grant, decision }: Deciding, tenant: string): Promise<Effect['event']> {
    const end = endOf(await this.accounts.read(tenant, account), { grant });
    return end ?? { id: decision.event, recordedAt: decision.at };
  }

  async #moot(item: Deciding, cause: Cause): Promise<{ item: ReviewItemState; storePosition: number }> {
    const facts = await this.accounts.read(cause.tenant, item.account);
    const because = endOf(facts, item)?.id ?? facts.state.deactivation;
    const metadata = this.governance.because(cause, 'account-ended');
    const data = { because, accountEnded: true };
    const { state, storePosition } = await this.log.runItem(item.id, { type: 'CloseItemAsMoot', data, metadata });
    return { item: state, storePosition };
  }
}

const isDeciding = (item: ReviewItemState): item is Deciding => item.status === 'revoking' && item.decision !== null;

function firstChoice(item: Deciding, facts: AccountFacts, now: string): Wanted {
  const { decision } = item;
  const grant = grantNow(item, facts, now);
  if (grant === null) return onRole(item, facts, now);
  if (decision.decision === 'reduce') return reduction(item, grant);
  return { type: 'RevokeGrant', data: { grant, withhold: true, ...reasoned(decision) } };
}

/** The grant in question; where that is over, the one by which the same elevation goes on. */
function grantNow({ grant, source }: Deciding, { state }: AccountFacts, now: string): string | null {
  if (grant === null || source?.kind !== 'elevation') return grant;
  const standing = standingGrants(state, now).filter((each) => each.source.actor === source.actor);
  return standing.some(({ id }) => id === grant) ? grant : (standing.at(-1)?.id ?? grant);
}

/** What a decision comes to where it is about no grant that there is: the role ends when it was to end, or at once. */
function onRole(item: Deciding, facts: AccountFacts, now: string): Wanted {
  const { decision, until } = item.decision;
  return decision === 'reduce' && until !== null && until > now ? reduction(item, null) : withholding(item, facts);
}

function reduction({ role, decision }: Deciding, grant: string | null): Wanted {
  return { type: 'ReduceGrants', data: { grant, role, until: decision.until ?? '', ...reasoned(decision) } };
}

/** What was recorded of the decision already on the account with which the person goes on. */
const carriedOver = ({ decision }: Deciding, { events }: AccountFacts): RecordedEvent | undefined =>
  events.find((event) => event.type === 'RoleWithheld' && event.data.decision === decision.event);

const reasoned = ({ event, reason }: ItemDecision) => ({ decision: event, reason: reason ?? BY_SILENCE });

/** Keeps rules from giving the role again: those that gave it, or would have if it had not been kept back. */
function withholding({ role, source, decision }: Deciding, { state }: AccountFacts): Wanted {
  const keptBack = [...state.keptBack].flatMap(([connection, { conflicts }]) =>
    conflicts.flatMap((conflict) =>
      conflict.keptBack
        .filter((kept) => kept.role === role)
        .map(({ rule, ruleVersion }) => `${connection}/${rule}@${ruleVersion}`),
    ),
  );
  const gave = source?.kind === 'rule' ? [`${source.connection}/${source.rule}@${source.ruleVersion}`] : [];
  const rules = [...new Set([...gave, ...keptBack])];
  return {
    type: 'WithholdRole',
    data: { role, rules, ...reasoned(decision) },
  };
}
