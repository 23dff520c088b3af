import { Injectable } from '@nestjs/common';
import {
  type Assignment,
  type ReviewItemCommand,
  ReviewItemNotFoundError,
  type ReviewItemState,
  stageTimes,
} from '#libs/domain';
import type { CommandMetadata } from '#libs/kernel';
import type { ActingPerson } from '../people/acting-as.js';
import { PeopleBehind } from '../people/people-behind.js';
import { AccountFactsReader } from './account-facts.js';
import { ItemEffects } from './item-effects.js';
import { ItemQuestions, type ReviewTerms } from './item-questions.js';
import { ReviewLog } from './review-log.js';
import { ReviewerFinder } from './reviewer-finder.js';

/** Somebody answers a question. */
export interface DecisionRequest {
  readonly tenant: string;
  readonly item: string;
  readonly decision: {
    readonly decision: 'certify' | 'revoke' | 'reduce' | 'abstain' | 'reassign' | 'delegate';
    readonly reason: string | null;
    /** Only for `reduce`. */
    readonly until: string | null;
    /** Only for `reassign` and `delegate`: an active account of the tenant. */
    readonly to: string | null;
  };
  readonly by: ActingPerson;
  readonly bulk: boolean;
  /** Milliseconds from when it was shown; null where nobody measured. */
  readonly tookMs: number | null;
  /** The stage that was looked at; the present one if absent. */
  readonly stage?: number | undefined;
  readonly metadata: CommandMetadata;
}

/** What it came to. */
export interface ItemDecided {
  readonly item: ReviewItemState;
  /** Position of the store that holds all of it. */
  readonly storePosition: number;
}

/** Records what somebody decides about a grant, by the facts of that moment, and has it take effect before it answers. */
@Injectable()
export class DecideItem {
  constructor(
    private readonly log: ReviewLog,
    private readonly questions: ItemQuestions,
    private readonly accounts: AccountFactsReader,
    private readonly finder: ReviewerFinder,
    private readonly effects: ItemEffects,
    private readonly behind: PeopleBehind,
  ) {}

  /** @throws {ReviewItemNotFoundError} and whatever the item refuses the decision with; then nothing was recorded */
  async decide(request: DecisionRequest): Promise<ItemDecided> {
    const { tenant, item } = request;
    const state = await this.log.item(tenant, item);
    if (state.status === 'absent') throw new ReviewItemNotFoundError();
    const outcome = await this.log.runItem(item, await this.#command(request, state));
    const effect = await this.effects.carryOut(tenant, outcome.state);
    return { item: effect.item, storePosition: Math.max(outcome.storePosition, effect.storePosition) };
  }

  async #command(request: DecisionRequest, state: ReviewItemState): Promise<ReviewItemCommand> {
    const { tenant, decision, by, bulk, tookMs, stage = state.stage } = request;
    // whoever is signed in is who they are
    const isKey = request.metadata.actor.kind === 'key';
    const metadata = isKey ? await this.behind.known(request.metadata) : request.metadata;
    const [review, account] = await Promise.all([
      this.questions.review(tenant, state.review),
      this.accounts.read(tenant, state.account),
    ]);
    const common = {
      by: by.account,
      via: by.via,
      apiKey: by.apiKey,
      reason: decision.reason,
      bulk,
      tookMs,
      stage,
      terms: review.terms,
      facts: this.accounts.decisionFacts(account, state),
      approvedBy: await this.finder.approversOf(tenant, state.source),
    };
    if (decision.decision === 'reassign' || decision.decision === 'delegate') {
      const data = { ...common, decision: decision.decision, to: decision.to ?? '' };
      return { type: 'PassOnItem', data, metadata };
    }
    const { next, fallback } = await this.#followers(
      tenant,
      { ...state, certifiedBy: after(state, request) },
      review,
      decision.decision,
    );
    const data = { ...common, decision: decision.decision, until: decision.until, next, fallback };
    return { type: 'DecideItem', data, metadata };
  }

  /** Who is asked afterwards: in the next stage, or when the last one of this stage abstains. */
  async #followers(
    tenant: string,
    state: ReviewItemState,
    review: ReviewTerms,
    decision: 'certify' | 'revoke' | 'reduce' | 'abstain',
  ): Promise<{ next: (Assignment & { stageDueAt: string }) | null; fallback: Assignment | null }> {
    const advances = decision === 'certify' && state.stage + 1 < state.stages;
    if (!advances && decision !== 'abstain') return { next: null, fallback: null };
    const reviewers = await this.finder.under(tenant, review.terms);
    const asked = await this.questions.questioned(tenant, state);
    if (!advances) return { next: null, fallback: await reviewers.fallback(asked, state.stage) };
    const [assignment] = await reviewers.assign([asked], state.stage + 1);
    const stageDueAt = stageEnd(state, review, state.stage + 1);
    return { next: assignment ? { ...assignment, stageDueAt } : null, fallback: null };
  }
}

/** Who will have certified it: nobody is asked in two stages. */
const after = ({ certifiedBy }: ReviewItemState, { decision: { decision }, by }: DecisionRequest): readonly string[] =>
  decision === 'certify' ? [...certifiedBy, by.account] : certifiedBy;

/** An item that was put again has the time that it was given then. */
function stageEnd({ dueAt, stages }: ReviewItemState, review: ReviewTerms, stage: number): string {
  if (dueAt !== review.dueAt) return dueAt;
  return stageTimes(review.openedAt, review.terms.due, stages)[stage] ?? dueAt;
}
