import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '#libs/database';
import type { Assignment, ReviewItemState } from '#libs/domain';
import type { CommandMetadata } from '#libs/kernel';
import { CLOCK, type Clock, DATABASE } from '#libs/platform';
import { findExpiredReviewers, findReviewItems, findUnaskedItems } from '#libs/read-model';
import { GovernanceCommands } from '../reading/governance-commands.js';
import { Attempts } from './attempts.js';
import { inParallel } from './in-parallel.js';
import { ItemQuestions } from './item-questions.js';
import { ReviewLog } from './review-log.js';
import { ReviewerFinder } from './reviewer-finder.js';

/** Items of one page; of those nobody is asked about, looked at in one run. */
const PAGE_ITEMS = 500;
/** Items that are worked on at the same time. */
const AT_ONCE = 16;
/** Reviewers past their end that are replaced in one run. */
const REVIEWERS_A_RUN = 200;

const NOBODY: Assignment = { reviewers: [], reviewersAs: 'nobody', flags: [] };

/** Keeps questions from being put to nobody: whoever cannot answer any more is replaced, and whoever could not be found is looked for again. */
@Injectable()
export class ReviewersGone {
  /** Where the last look for somebody to ask ended: however many items there are, each has its turn. */
  #lookedTo: number | undefined;

  constructor(
    private readonly commands: GovernanceCommands,
    private readonly log: ReviewLog,
    private readonly questions: ItemQuestions,
    private readonly finder: ReviewerFinder,
    private readonly attempts: Attempts,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Has the open items of a reviewer answered by the others who were asked, else by whom the policy names now. */
  async replace(tenant: string, reviewer: string, metadataFor: (item: string) => CommandMetadata): Promise<void> {
    let after: number | undefined;
    do {
      const query = { tenant, reviewer, status: ['open'], limit: PAGE_ITEMS };
      const { items, more } = await findReviewItems(this.database, {
        ...query,
        ...(after === undefined ? {} : { after }),
      });
      await inParallel(items, AT_ONCE, ({ item }) => this.#replaceIn(tenant, item, reviewer, metadataFor(item)));
      after = more ? items.at(-1)?.openedPosition : undefined;
    } while (after !== undefined);
  }

  /** That an account is past its end is nobody's event: somebody has to look. */
  async replaceExpired(): Promise<void> {
    const now = this.clock.now().toISOString();
    const expired = await findExpiredReviewers(this.database, { now, limit: REVIEWERS_A_RUN });
    await this.attempts.each('expired reviewer', expired, { atOnce: 1 }, ({ tenant, account }) =>
      this.replace(tenant, account, (item) => this.commands.byItself(tenant, ['reviewer-expired', item, account, now])),
    );
  }

  /** Looks again for somebody to ask, such as a manager who has signed in for the first time. */
  async findMissing(): Promise<void> {
    const query = { limit: PAGE_ITEMS, ...(this.#lookedTo === undefined ? {} : { after: this.#lookedTo }) };
    const unasked = await findUnaskedItems(this.database, query);
    this.#lookedTo = unasked.length === PAGE_ITEMS ? unasked.at(-1)?.openedPosition : undefined;
    await this.attempts.each('missing reviewer', unasked, { atOnce: AT_ONCE }, async (one) => {
      const { tenant, item: id, deciders } = one;
      const item = await this.log.item(tenant, id);
      if (item.status !== 'open' || item.reviewers.length > 0) return;
      const found = await this.#assignment(tenant, item);
      // whoever has said already that they cannot answer is not asked again
      const reviewers = found.reviewers.filter((reviewer) => !deciders.includes(reviewer));
      if (reviewers.length === 0) return;
      const assignment = { ...found, reviewers };
      const data = { why: 'reviewer-found', stage: item.stage, assignment, reason: null } as const;
      const metadata = this.commands.byItself(tenant, ['reviewer-found', id, this.clock.now().toISOString()]);
      await this.log.runItem(id, { type: 'AssignItem', data, metadata });
    });
  }

  async #replaceIn(tenant: string, id: string, gone: string, metadata: CommandMetadata): Promise<void> {
    const item = await this.log.item(tenant, id);
    if (item.status !== 'open' || !item.reviewers.includes(gone)) return;
    const { reviewersAs, flags } = item;
    const left = item.reviewers.filter((reviewer) => reviewer !== gone);
    const assignment = left.length > 0 ? { reviewers: left, reviewersAs, flags } : await this.#assignment(tenant, item);
    const data = { why: 'reviewer-gone', stage: item.stage, assignment, reason: null } as const;
    await this.log.runItem(id, { type: 'AssignItem', data, metadata });
  }

  async #assignment(tenant: string, item: ReviewItemState): Promise<Assignment> {
    const { terms } = await this.questions.review(tenant, item.review);
    const reviewers = await this.finder.under(tenant, terms);
    const [assignment = NOBODY] = await reviewers.assign([await this.questions.questioned(tenant, item)], item.stage);
    return assignment;
  }
}
