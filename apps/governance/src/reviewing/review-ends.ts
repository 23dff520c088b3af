import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '#libs/database';
import { DATABASE } from '#libs/platform';
import { countOutcomes, findUnfinishedReviews } from '#libs/read-model';
import { GovernanceCommands } from '../reading/governance-commands.js';
import { Attempts } from './attempts.js';
import { ReviewLog } from './review-log.js';

/** Reviews of one page. */
const PAGE_REVIEWS = 500;

/** Closes reviews in which everything is decided. */
@Injectable()
export class ReviewEnds {
  constructor(
    private readonly log: ReviewLog,
    private readonly commands: GovernanceCommands,
    private readonly attempts: Attempts,
    @Inject(DATABASE) private readonly database: Database,
  ) {}

  /** Everything whose last item is closed, as far as the read model knows. */
  async closeFinished(): Promise<void> {
    let after: number | undefined;
    do {
      const query = { status: ['open', 'held'], limit: PAGE_REVIEWS, ...(after === undefined ? {} : { after }) };
      const page = await findUnfinishedReviews(this.database, query);
      const decided = page.filter(({ isDecided }) => isDecided);
      await this.attempts.each('end of a review', decided, { atOnce: 1 }, ({ tenant, review }) =>
        this.#close(tenant, review),
      );
      after = page.length === PAGE_REVIEWS ? page.at(-1)?.openedPosition : undefined;
    } while (after !== undefined);
  }

  async #close(tenant: string, review: string): Promise<void> {
    const outcomes = await countOutcomes(this.database, { tenant, review });
    const code = (outcomes['expired'] ?? 0) > 0 ? 'overdue' : 'complete';
    const { status } = await this.log.review(tenant, review);
    // what is held has answers for everything when nothing is open any more
    const data = { code: status === 'held' ? 'complete' : code, outcomes, confirm: null, reason: null } as const;
    await this.log.run(review, {
      type: 'CloseReview',
      data,
      metadata: this.commands.byItself(tenant, ['close', review]),
    });
  }
}
