import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Database } from '#libs/database';
import { DATABASE } from '#libs/platform';
import { findUnfinishedReviews } from '#libs/read-model';
import { Attempts } from './attempts.js';
import type { Candidate } from './candidate.js';
import { type DraftedReview, ItemDrafts, type ItemWriter } from './item-drafts.js';
import { ReviewLog } from './review-log.js';
import { draftedOf, type ItemCounts, ReviewOpening } from './review-opening.js';
import { ReviewerFinder } from './reviewer-finder.js';
import { ScopePages } from './scope-pages.js';

/** Reviews under construction that are looked up at a time. */
const REVIEWS_AT_A_TIME = 100;

/** Items after which the log says how far it is. */
const LOGGED_EVERY = 10_000;

/** Builds reviews of many grants: as they were known at one position, however long it takes, and from where it ended after a crash. */
@Injectable()
export class PopulateReviews {
  readonly #log = new Logger(PopulateReviews.name);

  constructor(
    private readonly log: ReviewLog,
    private readonly opening: ReviewOpening,
    private readonly finder: ReviewerFinder,
    private readonly drafts: ItemDrafts,
    private readonly pages: ScopePages,
    private readonly attempts: Attempts,
    @Inject(DATABASE) private readonly database: Database,
  ) {}

  /** Goes on with every review that is not complete yet. @param only reviews of which it is known already that they are begun */
  async resume(signal: AbortSignal, only: readonly { tenant: string; review: string }[] = []): Promise<void> {
    await this.#each(only, signal);
    let after: number | undefined;
    do {
      const query = { status: ['building'], limit: REVIEWS_AT_A_TIME, ...(after === undefined ? {} : { after }) };
      const found = await findUnfinishedReviews(this.database, query);
      await this.#each(found, signal);
      after = found.length === REVIEWS_AT_A_TIME ? found.at(-1)?.openedPosition : undefined;
    } while (after !== undefined && !signal.aborted);
  }

  /** One that cannot be built holds up none of the others. */
  async #each(reviews: readonly { tenant: string; review: string }[], signal: AbortSignal): Promise<void> {
    await this.attempts.each('building a review', reviews, { atOnce: 1 }, async ({ tenant, review }) => {
      if (!signal.aborted) await this.populate(tenant, review, signal);
    });
  }

  /** Opens every item that a review still lacks. One whose grants an event named is left to whoever follows that event. */
  async populate(tenant: string, review: string, signal: AbortSignal): Promise<void> {
    const state = await this.log.review(tenant, review);
    if (state.status !== 'building' || state.knownAt === null) return;
    const drafted = draftedOf(tenant, state);
    const { scope } = drafted.terms;
    const reviewers = await this.finder.under(tenant, drafted.terms);
    const people = await reviewers.people();
    const writer = await this.drafts.begin(drafted, reviewers);
    const query = { tenant, scope, people, knownAt: state.knownAt, now: drafted.openedAt };
    const counts = await this.#fill(drafted, this.pages.of(query), writer, signal);
    if (counts === null) return;
    await this.opening.populated(tenant, review, counts, review);
    this.#log.log(`review ${review}: complete with ${counts.items} items`);
  }

  /** Opens items page by page: while one is being appended, the next is written. @returns null when it was interrupted */
  async #fill(
    { tenant, review }: Pick<DraftedReview, 'tenant' | 'review'>,
    pages: AsyncIterable<readonly Candidate[]>,
    writer: ItemWriter,
    signal: AbortSignal,
  ): Promise<ItemCounts | null> {
    let counts: ItemCounts = { items: 0, carriedForward: 0 };
    const appended = ({ items, carriedForward }: ItemCounts) => {
      counts = { items: counts.items + items, carriedForward: counts.carriedForward + carriedForward };
      if (counts.items % LOGGED_EVERY < items) this.#log.log(`review ${review}: ${counts.items} items are open so far`);
    };
    let appending = Promise.resolve();
    try {
      for await (const candidates of pages) {
        if (signal.aborted) return null;
        const items = await writer.write(candidates);
        await appending;
        appending = this.opening.append(tenant, items, review).then(appended);
        appending.catch(() => undefined); // it is told where it is waited for
      }
    } finally {
      await appending;
    }
    return counts;
  }
}
