import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Catalog, CatalogView } from '#libs/catalog';
import type { ReviewTrigger } from '#libs/contracts';
import type { Database } from '#libs/database';
import { inScope, standingGrants } from '#libs/domain';
import { durationMs, instantAfter, type RecordedEvent } from '#libs/kernel';
import { CATALOG, CLOCK, type Clock, DATABASE } from '#libs/platform';
import {
  type DormantAccount,
  dormantAccounts,
  findExceptionsEnding,
  type Scan,
  type SodExceptionRecord,
} from '#libs/read-model';
import { GovernanceCommands } from '../reading/governance-commands.js';
import { ReadModelPlace } from '../reading/read-model-place.js';
import { AccountFactsReader } from './account-facts.js';
import { candidateFrom, roleFacts } from './candidate.js';
import type { ReviewPolicyState } from './policies-at-event.js';
import { reviewId } from './review-ids.js';
import { ReviewOpening } from './review-opening.js';
import { ReviewerFinder } from './reviewer-finder.js';
import { SourcesGone } from './sources-gone.js';

/** How long before its end an exception is looked at again, days. */
const EXCEPTION_NOTICE_DAYS = 14;
/** After how long without a sign-in an account is dormant where no policy says so, days. */
const DORMANT_DAYS = 90;
const DAY_MS = 86_400_000;

/** Occasions that are remembered, so that nothing is read for them again. */
const DONE_MAX = 50_000;

/** Rows of one page. */
const PAGE = 500;

/** Somebody whose grants are to be reviewed. */
interface Occasion {
  readonly tenant: string;
  readonly account: string;
  /** Tells one occasion from the next. */
  readonly cause: string;
  readonly event: string | null;
  /** Only these roles; null: all of them. */
  readonly roles: ReadonlySet<string> | null;
}

/** Opens the reviews of policies whose trigger is that time has passed: exceptions about to end, accounts that nobody uses. */
@Injectable()
export class ClockTriggers {
  /** Occasions on which this process opened a review; all others are looked at each time, and recognised. */
  readonly #done = new LRUCache<string, true>({ max: DONE_MAX });

  constructor(
    private readonly opening: ReviewOpening,
    private readonly commands: GovernanceCommands,
    private readonly accounts: AccountFactsReader,
    private readonly finder: ReviewerFinder,
    private readonly sources: SourcesGone,
    private readonly place: ReadModelPlace,
    @Inject(CATALOG) private readonly catalog: Catalog,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Opens what is due. @throws {ReadModelBehindError} while nobody can know who is dormant; everything else was opened then */
  async openDue(): Promise<void> {
    const catalog = await this.catalog.current();
    const ending = policiesWith(catalog, 'sodExceptionEnding');
    if (ending.length > 0) await this.#exceptions(ending, catalog);
    const dormant = policiesWith(catalog, 'dormant');
    if (dormant.length > 0) await this.place.caughtUp(); // a sign-in that the read model lacks would be none
    for (const policy of dormant) await this.#dormant(policy, catalog);
  }

  async #exceptions(policies: readonly ReviewPolicyState[], catalog: CatalogView): Promise<void> {
    const before = instantAfter(this.#now(), EXCEPTION_NOTICE_DAYS * DAY_MS);
    let after: SodExceptionRecord | undefined;
    do {
      const query = { before, limit: PAGE, ...(after ? { after } : {}) };
      const page: SodExceptionRecord[] = await findExceptionsEnding(this.database, query);
      for (const exception of page) await this.#exception(exception, policies, catalog);
      after = page.length === PAGE ? page.at(-1) : undefined;
    } while (after !== undefined);
  }

  async #exception(
    { tenant, account, policy: excused, grantedEvent: event }: SodExceptionRecord,
    policies: readonly ReviewPolicyState[],
    catalog: CatalogView,
  ): Promise<void> {
    const settings = catalog.policy(tenant, excused)?.settings;
    if (settings?.kind !== 'sod') return;
    const occasion = { tenant, account, cause: event, event, roles: new Set(settings.roles.flat()) };
    for (const policy of policies.filter((each) => each.tenant === tenant))
      await this.#open(policy, 'sodExceptionEnding', occasion, catalog);
  }

  async #dormant(policy: ReviewPolicyState, catalog: CatalogView): Promise<void> {
    const { tenant } = policy;
    const now = this.#now();
    const before = instantAfter(now, -dormantAfterMs(catalog, tenant));
    let after: number | undefined;
    do {
      const { items, next }: Scan<DormantAccount> = await dormantAccounts(this.database, {
        tenant,
        now,
        before,
        limit: PAGE,
        after,
      });
      for (const { account, since } of items) {
        const occasion = { tenant, account, cause: `${account}/${since.toISOString()}`, event: null, roles: null };
        await this.#open(policy, 'dormant', occasion, catalog);
      }
      after = next ?? undefined;
    } while (after !== undefined);
  }

  async #open(
    policy: ReviewPolicyState,
    reason: ReviewTrigger,
    occasion: Occasion,
    catalog: CatalogView,
  ): Promise<void> {
    const { tenant, account, cause, event, roles } = occasion;
    const review = reviewId(tenant, policy.id, `${reason}/${cause}`);
    if (this.#done.has(review)) return;
    const { state, provisionedAt } = await this.accounts.read(tenant, account);
    const people = await (await this.finder.under(tenant, policy.settings)).people();
    const { scope } = policy.settings;
    const orphan = scope.orphans && (await this.sources.isOrphan(tenant, account));
    const candidates = standingGrants(state, this.#now())
      .filter(({ role }) => roles === null || roles.has(role))
      .filter(({ role, source }) => {
        const grant = { role, account, connection: source.connection, orphan, ...roleFacts(catalog, tenant, role) };
        return inScope(scope, grant, people);
      })
      .map((grant) => candidateFrom(state, { role: grant.role, grant }, { catalog, tenant, provisionedAt }));
    const wanted = {
      review,
      title: policy.id,
      policy: policy.id,
      policyVersion: policy.version,
      trigger: { reason, event },
      terms: policy.settings,
      account,
      knownAt: null,
      reason: null,
    };
    // whoever holds nothing now may be given something later, on the same occasion
    if (await this.opening.openAbout(wanted, candidates, this.#occasionAsCause(tenant, review)))
      this.#done.set(review, true);
  }

  /** Time is nobody's event: the review itself is what its commands follow from. */
  #occasionAsCause(tenant: string, review: string): RecordedEvent {
    const metadata = this.commands.byItself(tenant, ['clock', review]);
    return { id: review, tenant, recordedAt: metadata.now, metadata } as unknown as RecordedEvent;
  }

  #now(): string {
    return this.clock.now().toISOString();
  }
}

/** As the shortest of the tenant's own policies on it says. */
function dormantAfterMs(catalog: CatalogView, tenant: string): number {
  const own = catalog.policies(tenant).flatMap(({ enabled, settings }) => {
    if (!enabled || settings?.kind !== 'dormant' || settings.after === null) return [];
    return [durationMs(settings.after)];
  });
  return own.length > 0 ? Math.min(...own) : DORMANT_DAYS * DAY_MS;
}

const policiesWith = (catalog: CatalogView, trigger: ReviewTrigger): ReviewPolicyState[] =>
  catalog
    .policies()
    .filter(
      (policy): policy is ReviewPolicyState =>
        policy.enabled && policy.settings?.kind === 'review' && policy.settings.triggers.includes(trigger),
    );
