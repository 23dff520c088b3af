import { Inject, Injectable } from '@nestjs/common';
import type { Catalog } from '#libs/catalog';
import { ConfigurationInvalidError, knownToPolicies, readReviewTerms } from '#libs/configuration';
import type { ReviewPolicy } from '#libs/contracts';
import { DomainError } from '#libs/kernel';
import { CATALOG, InvalidRequestError, NotFoundError } from '#libs/platform';
import type { NewAccessReviewDto } from './access-reviews.dto.js';

/** What holds for a review that somebody opens. */
export interface AskedTerms {
  readonly title: string;
  /** Id of the policy that it follows; null for one that was written for the occasion. */
  readonly policy: string | null;
  readonly policyVersion: number | null;
  readonly terms: ReviewPolicy;
}

/** A policy that is switched off opens nothing, not even by hand. */
export class PolicyOffError extends DomainError {
  readonly code = 'policy-off';
  readonly kind = 'conflict';
  constructor() {
    super('This policy is switched off. Switch it on first, or write the terms of the review yourself.');
  }
}

/** Whether people may answer for themselves is for a policy to say, not for who opens a review. */
export class SelfReviewNeedsPolicyError extends DomainError {
  readonly code = 'self-review-needs-policy';
  readonly kind = 'unprocessable';
  constructor() {
    super('selfReview is only for policies to say. Leave it out, or open the review by a policy that allows it.');
  }
}

/** Finds out what somebody wants who opens a review. */
@Injectable()
export class ReviewTerms {
  constructor(@Inject(CATALOG) private readonly catalog: Catalog) {}

  /**
   * The terms of a policy, or those that the request brings along.
   * @throws {InvalidRequestError} when it says both, or what it says is not valid
   * @throws {NotFoundError} when there is no such review policy
   * @throws {PolicyOffError} when it is switched off
   * @throws {SelfReviewNeedsPolicyError} when it brings along that people answer for themselves
   */
  async of(tenant: string, asked: NewAccessReviewDto): Promise<AskedTerms> {
    const { policy, title, reason: _reason, dryRun: _dryRun, ...written } = asked;
    const terms = Object.fromEntries(Object.entries(written).filter(([, value]) => value !== undefined));
    const [extra] = Object.keys(terms);
    if (policy !== undefined) {
      if (extra !== undefined) throw invalid(extra, 'has no place beside policy, which says it');
      return { title: title ?? policy, ...(await this.#ofPolicy(tenant, policy)) };
    }
    if (title === undefined) throw invalid('title', 'is needed where there is no policy');
    return { title, policy: null, policyVersion: null, terms: await this.#written(tenant, terms) };
  }

  async #ofPolicy(tenant: string, id: string): Promise<Omit<AskedTerms, 'title'>> {
    const policy = (await this.catalog.current()).policy(tenant, id);
    if (policy?.status !== 'present' || policy.settings?.kind !== 'review') throw new NotFoundError('review policy');
    if (!policy.enabled) throw new PolicyOffError();
    return { policy: id, policyVersion: policy.version, terms: policy.settings };
  }

  async #written(tenant: string, written: unknown): Promise<ReviewPolicy> {
    const known = knownToPolicies(await this.catalog.current(), tenant);
    try {
      const terms = readReviewTerms(written, known);
      if (terms.selfReview) throw new SelfReviewNeedsPolicyError();
      return terms;
    } catch (error) {
      if (!(error instanceof ConfigurationInvalidError)) throw error;
      throw new InvalidRequestError(error.problems.map(({ path, problem }) => ({ field: path || 'terms', problem })));
    }
  }
}

const invalid = (field: string, problem: string) => new InvalidRequestError([{ field, problem }]);
