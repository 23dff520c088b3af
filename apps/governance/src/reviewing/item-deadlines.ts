import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '#libs/database';
import {
  type AccessReviewState,
  deadlinesOf,
  deliveryOf,
  type ReviewItemCommand,
  type ReviewItemState,
  type Silence,
  type SilentItem,
  silence,
} from '#libs/domain';
import { CLOCK, type Clock, DATABASE } from '#libs/platform';
import { type DueItem, findDueItems, findReviewItems } from '#libs/read-model';
import { NoticeQueue, type WantedNotice } from '../notices/notice-queue.js';
import { GovernanceCommands } from '../reading/governance-commands.js';
import { AccountFactsReader } from './account-facts.js';
import { Attempts } from './attempts.js';
import { inParallel } from './in-parallel.js';
import { ItemEffects } from './item-effects.js';
import { ItemQuestions } from './item-questions.js';
import { ReviewLog } from './review-log.js';
import { ReviewerFinder } from './reviewer-finder.js';

/** Items of one page. */
const PAGE_ITEMS = 1_000;
/** Items that are worked on at the same time. */
const PARALLEL = { atOnce: 32 };

/** What is kept in mind of an item whose time is over. */
type Over = SilentItem & Pick<DueItem, 'tenant' | 'review'>;

/** Commands on one item, in their order. */
interface ItemCommands {
  readonly item: string;
  readonly commands: readonly ReviewItemCommand[];
}

/** Does what time asks for: reminds, asks others as well, and answers for those who did not. */
@Injectable()
export class ItemDeadlines {
  constructor(
    private readonly log: ReviewLog,
    private readonly commands: GovernanceCommands,
    private readonly questions: ItemQuestions,
    private readonly accounts: AccountFactsReader,
    private readonly finder: ReviewerFinder,
    private readonly effects: ItemEffects,
    private readonly notices: NoticeQueue,
    private readonly attempts: Attempts,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Everything that is due now. */
  async run(signal: AbortSignal): Promise<void> {
    const now = this.#now();
    const over: (Over & { readonly reviewers: readonly string[] })[] = [];
    const wanted: ItemCommands[] = [];
    const told = new Told();
    let after: DueItem | undefined;
    do {
      const due = await findDueItems(this.database, { now, limit: PAGE_ITEMS, after });
      over.push(...due.filter((item) => item.due.includes('stage')).map(overOf));
      const early = due.filter((item) => !item.due.includes('stage'));
      wanted.push(...(await this.attempts.each('early deadline', early, PARALLEL, (item) => this.#early(item, told))));
      after = due.length === PAGE_ITEMS ? due.at(-1) : undefined;
    } while (after !== undefined && !signal.aborted);
    // told before it is on record that they were: what is interrupted here is told of again under the same name
    await this.notices.add(told.notices());
    await this.attempts.each('reminder', wanted, PARALLEL, async ({ item, commands }) => {
      for (const command of commands) await this.log.runItem(item, command);
    });
    for (const items of Map.groupBy(over, ({ tenant, review }) => `${tenant}/${review}`).values())
      if (!signal.aborted) await this.attempts.one('silence', () => this.#silent(items), items[0]);
  }

  /** Before the end of a stage: the latest reminder, and others who are asked as well. */
  async #early({ tenant, item: id }: DueItem, told: Told): Promise<ItemCommands> {
    const item = await this.log.item(tenant, id);
    const commands: ReviewItemCommand[] = [];
    if (item.status !== 'open') return { item: id, commands };
    const { terms } = await this.questions.review(tenant, item.review);
    const { remind, escalate } = deadlinesOf(terms, item, this.#now());
    if (escalate && terms.escalation) {
      const reviewers = await this.finder.under(tenant, terms);
      const asked = await this.questions.questioned(tenant, item);
      const assignment = await reviewers.named(asked, terms.escalation.to);
      const nobody = { reviewers: [], reviewersAs: item.reviewersAs, flags: [] };
      const data = { why: 'escalated', stage: item.stage, assignment: assignment ?? nobody, reason: null } as const;
      const metadata = this.commands.byItself(tenant, ['escalate', id, item.stage, item.stageBeganAt]);
      commands.push({ type: 'AssignItem', data, metadata });
      told.add('review-escalation', { tenant, item, occasion: '' }, assignment?.reviewers ?? []);
    }
    if (remind !== null && item.reviewers.length > 0) {
      const metadata = this.commands.byItself(tenant, ['remind', id, item.stage, remind]);
      commands.push({ type: 'RemindItem', data: { stage: item.stage, due: remind }, metadata });
      told.add('review-reminder', { tenant, item, occasion: remind }, item.reviewers);
    }
    return { item: id, commands };
  }

  /** After the end of a stage: what the policy says silence means, unless that is more than it may. */
  async #silent(items: readonly (Over & { readonly reviewers: readonly string[] })[]): Promise<void> {
    const [{ tenant, review } = { tenant: '', review: '' }] = items;
    const state = await this.log.review(tenant, review);
    if (state.terms === null || state.status !== 'open') return;
    const keeps = state.terms.noResponse === 'keep';
    const known = keeps ? items : await this.withDelivery(tenant, review, items);
    const already = keeps ? 0 : await this.#revokedBySilence(tenant, review);
    const said = silence(state.terms, { items: known, total: state.items, already });
    if (said.held) return void (await this.hold(tenant, state, said));
    const delivered = new Set(known.filter((item) => item.delivered).map(({ item }) => item));
    const ends = [
      ...said.keep.map((item) => ({ item, outcome: 'keep' }) as const),
      ...said.revoke.map((item) => ({ item, outcome: 'revoke' }) as const),
    ];
    await this.attempts.each('silence about an item', ends, PARALLEL, ({ item, outcome }) =>
      this.expire(tenant, item, outcome, delivered.has(item)),
    );
  }

  /** Has a review wait until somebody confirms these revocations, and none but these. @returns the review afterwards */
  async hold(
    tenant: string,
    { id: review, items, holds }: AccessReviewState,
    said: Silence,
  ): Promise<AccessReviewState> {
    const confirm = confirmationOf(said);
    const data = { revocations: said.revoke.length, items, limit: said.limit, confirm };
    const metadata = this.commands.byItself(tenant, ['hold', review, confirm, holds]);
    return (await this.log.run(review, { type: 'HoldReview', data, metadata })).state;
  }

  /** Adds which of the items somebody was told of, and reminded of, since they were asked about it. */
  async withDelivery<T extends Over & { readonly reviewers: readonly string[] }>(
    tenant: string,
    review: string,
    items: readonly T[],
  ): Promise<T[]> {
    const told = await this.notices.told(tenant, review);
    return inParallel(items, PARALLEL.atOnce, async (item) => {
      const wasReminded = item.reviewers.some((account) => told.get(account)?.has('review-reminder'));
      if (!item.reminded || !wasReminded) return { ...item, delivered: false, reminded: false };
      return { ...item, ...deliveryOf(await this.log.item(tenant, item.item), told) };
    });
  }

  /** Answers for those who did not. @returns the item afterwards */
  async expire(
    tenant: string,
    id: string,
    outcome: 'keep' | 'revoke',
    delivered: boolean,
    reason: string | null = null,
  ): Promise<ReviewItemState> {
    const item = await this.log.item(tenant, id);
    if (item.status !== 'open') return item;
    const facts = this.accounts.decisionFacts(await this.accounts.read(tenant, item.account), item);
    const metadata = this.commands.byItself(tenant, ['expire', id, item.stage, item.stageBeganAt, outcome]);
    const data = { stage: item.stage, outcome, delivered, facts, reason };
    const { state } = await this.log.runItem(id, { type: 'ExpireItem', data, metadata });
    return (await this.effects.carryOut(tenant, state)).item;
  }

  async #revokedBySilence(tenant: string, review: string): Promise<number> {
    let count = 0;
    let after: number | undefined;
    do {
      const query = { tenant, review, status: ['revoking', 'closed'], limit: PAGE_ITEMS };
      const { items, more } = await findReviewItems(this.database, {
        ...query,
        ...(after === undefined ? {} : { after }),
      });
      count += items.filter(({ decision }) => decision?.decision === 'revoke' && decision.by === null).length;
      after = more ? items.at(-1)?.openedPosition : undefined;
    } while (after !== undefined);
    return count;
  }

  #now(): string {
    return this.clock.now().toISOString();
  }
}

/** What has to be repeated to confirm what silence comes to. */
export const confirmationOf = ({ confirmable }: Silence): string =>
  createHash('sha256').update(confirmable).digest('hex');

const overOf = ({
  tenant,
  review,
  item,
  recommendation,
  reminders,
  reviewers,
}: DueItem): Over & { reviewers: readonly string[] } => ({
  tenant,
  review,
  item,
  recommendation: recommendation.decision as Over['recommendation'],
  delivered: false,
  reminded: reminders > 0,
  reviewers,
});

/** Collects what people are told, so that each is told once of all items of a review. */
class Told {
  readonly #wanted = new Map<string, WantedNotice>();

  add(
    kind: WantedNotice['kind'],
    of: { readonly tenant: string; readonly item: ReviewItemState; readonly occasion: string },
    reviewers: readonly string[],
  ): void {
    const { tenant, item } = of;
    const occasion = `${item.stage}/${item.stageDueAt}/${of.occasion}`;
    for (const recipient of reviewers) {
      const key = JSON.stringify([kind, tenant, item.review, recipient, occasion]);
      const items = (this.#wanted.get(key)?.about.items ?? 0) + 1;
      const about = { noun: 'review', id: item.review, items } as const;
      this.#wanted.set(key, { tenant, kind, recipient, about, dueAt: item.stageDueAt, occasion });
    }
  }

  notices(): WantedNotice[] {
    return [...this.#wanted.values()];
  }
}
