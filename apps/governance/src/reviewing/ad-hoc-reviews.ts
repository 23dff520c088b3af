import { Injectable } from '@nestjs/common';
import type { ReviewPolicy } from '#libs/contracts';
import type { CommandMetadata } from '#libs/kernel';
import { ReadModelPlace } from '../reading/read-model-place.js';
import type { Stint } from '../reading/stint.js';
import { reviewId } from './review-ids.js';
import { ReviewOpening } from './review-opening.js';
import { ReviewerFinder } from './reviewer-finder.js';
import { ReviewingProcess } from './reviewing.process.js';
import { ScopePages } from './scope-pages.js';

/** A review that somebody asks for. */
export interface AdHocReview {
  readonly tenant: string;
  readonly title: string;
  /** The policy whose terms it has; null for terms of its own. */
  readonly policy: string | null;
  readonly policyVersion?: number | null;
  readonly terms: ReviewPolicy;
  readonly reason: string | null;
  readonly metadata: CommandMetadata;
}

/** Reviews that people open. */
@Injectable()
export class AdHocReviews {
  constructor(
    private readonly opening: ReviewOpening,
    private readonly finder: ReviewerFinder,
    private readonly pages: ScopePages,
    private readonly place: ReadModelPlace,
    private readonly process: ReviewingProcess,
  ) {}

  /** Opens a review about what is on record now; its items follow in the background. The same request opens it once. */
  async open(asked: AdHocReview): Promise<{ review: string; storePosition: number }> {
    const { tenant, title, policy, policyVersion = null, terms, reason, metadata } = asked;
    const review = reviewId(tenant, policy ?? 'adHoc', metadata.commandId);
    const knownAt = await this.place.position();
    const trigger = { reason: 'adHoc', event: null } as const;
    const wanted = { review, title, policy, policyVersion, trigger, terms, account: null, knownAt, reason };
    const { storePosition } = await this.opening.open(wanted, metadata);
    this.process.populateSoon({ tenant, review });
    return { review, storePosition };
  }

  /**
   * What such a review would come to: how many items, and how many for each reviewer; null: nobody could be found. Not complete where the
   * stint was over before.
   */
  async count(
    { tenant, terms }: Pick<AdHocReview, 'tenant' | 'terms'>,
    stint: Stint,
  ): Promise<{
    readonly items: number;
    readonly byReviewer: ReadonlyMap<string | null, number>;
    readonly complete: boolean;
  }> {
    const reviewers = await this.finder.under(tenant, terms);
    const people = await reviewers.people();
    const byReviewer = new Map<string | null, number>();
    let items = 0;
    const query = { tenant, scope: terms.scope, people, knownAt: await this.place.position(), now: this.process.now() };
    for await (const candidates of this.pages.of(query)) {
      await stint.breathe();
      if (stint.isOver()) return { items, byReviewer, complete: false };
      items += candidates.length;
      for (const assignment of await reviewers.assign(candidates))
        for (const reviewer of assignment.reviewers.length > 0 ? assignment.reviewers : [null])
          byReviewer.set(reviewer, (byReviewer.get(reviewer) ?? 0) + 1);
    }
    return { items, byReviewer, complete: true };
  }
}
