import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Catalog } from '#libs/catalog';
import type { ReviewPolicy } from '#libs/contracts';
import { AccessReviewNotFoundError, type ReviewItemState } from '#libs/domain';
import { CATALOG } from '#libs/platform';
import { AccountFactsReader } from './account-facts.js';
import { roleFacts } from './candidate.js';
import { ReviewLog } from './review-log.js';
import type { Questioned } from './reviewer-finder.js';

/** Reviews whose terms are remembered: they never change. */
const REVIEWS_REMEMBERED = 1_000;

/** What holds for a review from its opening on. */
export interface ReviewTerms {
  readonly terms: ReviewPolicy;
  readonly openedAt: string;
  readonly dueAt: string;
}

/** What has to be known about items that are decided one by one. */
@Injectable()
export class ItemQuestions {
  readonly #terms = new LRUCache<string, ReviewTerms>({ max: REVIEWS_REMEMBERED });

  constructor(
    private readonly log: ReviewLog,
    private readonly accounts: AccountFactsReader,
    @Inject(CATALOG) private readonly catalog: Catalog,
  ) {}

  /** Terms of a review. @throws {AccessReviewNotFoundError} */
  async review(tenant: string, review: string): Promise<ReviewTerms> {
    const key = `${tenant}/${review}`;
    const known = this.#terms.get(key);
    if (known) return known;
    const { terms, openedAt, dueAt } = await this.log.review(tenant, review);
    if (terms === null) throw new AccessReviewNotFoundError();
    const found = { terms, openedAt, dueAt };
    this.#terms.set(key, found);
    return found;
  }

  /** What decides who is asked about an item, as it is now. */
  async questioned(
    tenant: string,
    { account, role, source, certifiedBy }: Pick<ReviewItemState, 'account' | 'role' | 'source' | 'certifiedBy'>,
  ): Promise<Questioned> {
    const { state } = await this.accounts.read(tenant, account);
    const profile = typeof state.profile === 'object' ? state.profile : null;
    const { manager = null } = profile ?? {};
    const { directory } = state;
    const facts = roleFacts(await this.catalog.current(), tenant, role);
    return { account, source, manager, directory, certifiedBy, ...facts };
  }
}
