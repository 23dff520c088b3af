import { Inject, Injectable } from '@nestjs/common';
import type { Catalog } from '#libs/catalog';
import { standingGrants } from '#libs/domain';
import type { RecordedEvent } from '#libs/kernel';
import { CATALOG, CLOCK, type Clock } from '#libs/platform';
import { AccountFactsReader } from './account-facts.js';
import { candidateFrom } from './candidate.js';
import { defaultTerms } from './default-terms.js';
import { reviewId } from './review-ids.js';
import { ReviewOpening } from './review-opening.js';

/** A finding whose policy asks for a review. */
export interface ReviewedFinding {
  readonly tenant: string;
  /** Id of the finding. */
  readonly finding: string;
  /** The policy that asks; null for a kind that needs none. */
  readonly policy: string | null;
  readonly account: string;
  /** Only these grants; null: whatever the account holds. */
  readonly grants: readonly string[] | null;
  /** The event that raised the finding. */
  readonly cause: RecordedEvent;
}

/** Reviews of what findings are about. */
@Injectable()
export class FindingReviews {
  constructor(
    private readonly opening: ReviewOpening,
    private readonly accounts: AccountFactsReader,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Opens a review of an account's grants. The same finding, raised by the same event, opens it once.
   * @returns its id; null where the account holds nothing that could be reviewed
   */
  async open({ tenant, finding, policy, account, grants, cause }: ReviewedFinding): Promise<string | null> {
    const catalog = await this.catalog.current();
    const settings = policy === null ? null : catalog.policy(tenant, policy)?.settings;
    const owner = settings && 'owner' in settings ? settings.owner : null;
    const review = reviewId(tenant, `finding/${finding}`, cause.id);
    const { state, provisionedAt } = await this.accounts.read(tenant, account);
    const candidates = standingGrants(state, this.clock.now().toISOString())
      .filter(({ id }) => grants === null || grants.includes(id))
      .map((grant) => candidateFrom(state, { role: grant.role, grant }, { catalog, tenant, provisionedAt }));
    const wanted = {
      review,
      title: `${policy ?? 'finding'}: access of one account`,
      policy,
      policyVersion: null,
      trigger: { reason: 'finding', event: cause.id },
      terms: defaultTerms([owner]),
      account,
      knownAt: null,
      reason: null,
    } as const;
    return (await this.opening.openAbout(wanted, candidates, cause)) ? review : null;
  }
}
